"""A demo makes its own home anew, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.cli.demo import run_demo
from pipelines.settings import Settings, SettingsError


def test_a_home_with_documents_of_its_own_is_refused_and_kept(tmp_path: Path) -> None:
    document = tmp_path / "raw" / "blobs" / "ab" / "abcd"
    document.parent.mkdir(parents=True)
    document.write_text("a region's report")
    (tmp_path / "sample").mkdir()
    with pytest.raises(SettingsError, match="not a demo's home"):
        run_demo(Settings(tmp_path), 1)
    assert document.read_text() == "a region's report"


def test_the_throw_away_server_is_not_in_the_runtime_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.cli.demo.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"requirements-dev\.lock"):
        run_demo(Settings(tmp_path), 1, with_postgres=True)
    assert list(tmp_path.iterdir()) == []
