"""What was not flushed is not relied on after a new start of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.sources.files import downloads
from pipelines.storage.whole_files import make_folder, remove, this_boot


def test_a_download_goes_on_in_the_same_start_and_begins_anew_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = downloads._partial_file(tmp_path, "https://example.go.id/a.csv", "v1")
    kept.write_bytes(b"half")
    assert downloads._partial_file(tmp_path, "https://example.go.id/a.csv", "v1").read_bytes() == b"half"
    monkeypatch.setattr(downloads, "this_boot", lambda: "another")
    assert downloads._partial_file(tmp_path, "https://example.go.id/a.csv", "v1").read_bytes() == b""
    assert not kept.exists()


def test_a_start_of_the_machine_has_one_name() -> None:
    assert this_boot() == this_boot() != ""


def test_the_name_of_each_new_folder_is_flushed_and_of_each_removed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    make_folder(tmp_path / "a" / "b" / "c")
    assert flushed == [str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b")]
    (tmp_path / "a" / "x").touch()
    remove(tmp_path / "a" / "x")
    remove(tmp_path / "a" / "x")
    assert flushed[3:] == [str(tmp_path / "a")]
