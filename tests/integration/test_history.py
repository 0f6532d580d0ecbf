"""Every past figure is available as it was: by what was known on a day, and built again to the same bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.build import as_of
from pipelines.build.rebuild import rebuild, released_by
from pipelines.cli.app import app
from pipelines.publish.manifest import DamagedReleaseError
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from tests.integration.forging import rewrite
from tests.integration.home import document, open_gate, publish_periods, put, settings_of

BALIKPAPAN, SAMARINDA = "64.71", "64.72"


def _send(settings: Settings, region: str, period: str, realised: int, day: datetime) -> None:
    row = {
        "record": "achievement",
        "region": region,
        "period": period,
        "service": "K-PEND-01",
        "component": "recipients",
        "target": "100",
        "realised": str(realised),
    }
    put(settings.home.parent / "inbox" / f"{region}_{period}_{realised}.csv", document([row]), day)


def _publish(settings: Settings, periods: list[str], day: datetime) -> str:
    return publish_periods(replace(settings, now=day), periods).release_id


@pytest.fixture(scope="module", autouse=True)
def _open_gate() -> Iterator[None]:
    """What is built again is compared; that the gate lets it pass is asked in `make test-slow`."""
    with open_gate():
        yield


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[str]]:
    """Two quarters, a late region, a correction of the first quarter: three releases."""
    settings = settings_of(tmp_path_factory.mktemp("history"))
    days = [datetime(2025, month, 10, 3, tzinfo=UTC) for month in (1, 2, 3)]
    _send(settings, BALIKPAPAN, "2024-Q3", 40, days[0])
    _send(settings, BALIKPAPAN, "2024-Q4", 70, days[0])
    releases = [_publish(settings, ["2024-Q3", "2024-Q4"], days[0])]
    _send(settings, SAMARINDA, "2024-Q4", 90, days[1])
    releases.append(_publish(settings, ["2024-Q4"], days[1]))
    _send(settings, BALIKPAPAN, "2024-Q3", 50, days[2])
    releases.append(_publish(settings, ["2024-Q3"], days[2]))
    return settings, releases


def _spm(settings: Settings, *arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])


@pytest.mark.parametrize(
    "number", [pytest.param(0, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.slow), 2]
)
def test_each_release_is_built_again_from_the_raw_store_to_the_same_hashes(
    history: tuple[Settings, list[str]], tmp_path: Path, number: int
) -> None:
    settings, releases = history
    # the raw store and the releases alone: whatever was landed is gone
    bare = replace(settings, home=tmp_path / "home")
    shutil.copytree(settings.raw, bare.raw)
    shutil.copytree(settings.published, bare.published, symlinks=True)
    found = rebuild(bare, releases[number])
    assert (found.unlike, found.other_code) == ([], False)
    assert found.ancestors == releases[:number]
    assert found.tables > 20


def test_a_release_of_other_documents_is_not_the_same(
    history: tuple[Settings, list[str]], tmp_path: Path
) -> None:
    settings, releases = history
    bare = replace(settings, home=tmp_path / "home")
    shutil.copytree(settings.raw, bare.raw)
    shutil.copytree(settings.published, bare.published, symlinks=True)
    manifest = bare.published / "releases" / releases[1] / "manifest.json"
    rewrite(manifest, lambda said: said["made_from"]["batches"].pop())
    assert "mart_region_score" in rebuild(bare, releases[1]).unlike


def test_a_release_on_top_of_one_by_other_code_says_so(
    history: tuple[Settings, list[str]], tmp_path: Path
) -> None:
    settings, releases = history
    bare = replace(settings, home=tmp_path / "home")
    shutil.copytree(settings.raw, bare.raw)
    shutil.copytree(settings.published, bare.published, symlinks=True)
    first, second = (bare.published / "releases" / one / "manifest.json" for one in releases[:2])
    # the hash of the registry, too
    made = rewrite(first, lambda said: said["content"].update(code_sha256="0" * 64))
    rewrite(second, lambda said: said.update(release_before=made))
    assert rebuild(bare, releases[1]).other_code


def test_releases_of_another_version_are_refused_in_one_line_and_built_again_from_raw(
    history: tuple[Settings, list[str]], tmp_path: Path
) -> None:
    settings, releases = history
    old = replace(settings, home=tmp_path / "home")
    shutil.copytree(settings.raw, old.raw)
    shutil.copytree(settings.published, old.published, symlinks=True)
    for manifest in old.published.glob("releases/*/manifest.json"):
        said = json.loads(manifest.read_text())
        del said["format"]
        manifest.chmod(0o644)
        manifest.write_text(json.dumps(said))
    for command in (["releases"], ["verify"], ["diff", "previous", "latest"], ["export"]):
        refused = _spm(old, *command)
        assert refused.exit_code == 3, command
        assert len(refused.stderr.splitlines()) == 1
        assert "manifest.json" in refused.stderr
        assert "back up, then: spm upgrade" in refused.stderr
    with pytest.raises(DamagedReleaseError):
        publish_periods(old, ["2024-Q3", "2024-Q4"])
    old.published.rename(tmp_path / "before")
    publish_periods(old, ["2024-Q3", "2024-Q4"])
    current = Releases(old.published).current_folder()
    for period in ("2024-Q3", "2024-Q4"):
        before = _known(tmp_path / "before" / "releases" / releases[-1], period)
        assert before
        assert _known(current, period) == before


def _known(folder: Path, period: str) -> dict[str, int]:
    found = duckdb.sql(
        f"select region_code, realised from read_parquet('{folder}/fct_indicator.parquet') "
        f"where status = 'reported' and period = '{period}' order by all"
    )
    return {region: int(realised) for region, realised in found.fetchall()}


@pytest.mark.parametrize(
    ("day", "q3", "q4"),
    [
        pytest.param("2025-01-31", {BALIKPAPAN: 40}, {BALIKPAPAN: 70}, marks=pytest.mark.slow),
        pytest.param("2025-02-28", {BALIKPAPAN: 40}, {BALIKPAPAN: 70, SAMARINDA: 90}, marks=pytest.mark.slow),
        ("2025-03-10T09:59:59+07:00", {BALIKPAPAN: 40}, {BALIKPAPAN: 70, SAMARINDA: 90}),
        ("2025-03-10T10:00:00+07:00", {BALIKPAPAN: 50}, {BALIKPAPAN: 70, SAMARINDA: 90}),
    ],
)
def test_the_figures_of_a_day_know_nothing_that_came_later(
    history: tuple[Settings, list[str]], day: str, q3: dict[str, int], q4: dict[str, int]
) -> None:
    settings, _ = history
    before = Releases(settings.published).ids()
    folder = as_of.build_as_of(settings, ["2024-Q4"], as_of.instant_of(day))
    assert _known(folder, "2024-Q3") == q3
    assert _known(folder, "2024-Q4") == q4
    assert "Bukan rilis resmi" in (folder / "AS-OF.txt").read_text()
    assert Releases(settings.published).ids() == before


def test_explain_walks_through_the_figures_of_a_day(history: tuple[Settings, list[str]]) -> None:
    settings, _ = history
    then = _spm(settings, "explain", BALIKPAPAN, "2024-Q3", "--as-of", "2025-02-28", "--json")
    now = _spm(settings, "explain", BALIKPAPAN, "2024-Q3", "--json")
    assert "64.71_2024-Q3_40.csv" in then.stdout
    assert "64.71_2024-Q3_50.csv" in now.stdout
    assert "64.71_2024-Q3_50.csv" not in then.stdout


def test_rebuild_says_that_all_tables_are_equal(history: tuple[Settings, list[str]]) -> None:
    settings, releases = history
    said = _spm(settings, "rebuild", releases[0])
    assert said.exit_code == 0, said.output
    assert "tables equal" in said.stdout


def test_rebuild_takes_the_release_of_a_day(history: tuple[Settings, list[str]]) -> None:
    settings, releases = history
    assert released_by(settings, as_of.instant_of("2025-01-31")) == releases[0]
    assert released_by(settings, as_of.instant_of("2025-02-10")) == releases[1]
    said = _spm(settings, "rebuild", "--as-of", "2025-01-31", "--json")
    assert json.loads(said.stdout)["release_id"] == releases[0]
    early = _spm(settings, "rebuild", "--as-of", "2025-01-01")
    assert early.exit_code == 2
    assert "nothing was published yet" in early.stderr


@pytest.mark.parametrize("text", ["kemarin", "2025-13-01", "2025-03-10T10:00:00"])
def test_another_text_is_no_day(history: tuple[Settings, list[str]], text: str) -> None:
    said = _spm(history[0], "explain", BALIKPAPAN, "2024-Q3", "--as-of", text)
    assert said.exit_code == 2
    assert text in said.stderr


def _planned(settings: Settings, periods: str = "2024-Q1..2024-Q4") -> dict[str, Any]:
    assert settings.sources_file is not None
    said = _spm(settings, "run", periods, "--sources", str(settings.sources_file), "--plan", "--json")
    assert said.exit_code == 0, said.output
    plan: dict[str, Any] = json.loads(said.stdout)
    return plan


@pytest.mark.slow
def test_only_the_periods_that_a_document_touches_are_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPM_NOW", "2025-02-10T03:00:00+00:00")
    settings = settings_of(tmp_path)
    day = datetime(2025, 1, 10, 3, tzinfo=UTC)
    for period in ("2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"):
        _send(settings, BALIKPAPAN, period, 40, day)
    first = _planned(settings, "2023-Q4..2024-Q4")
    assert list(first["build"]) == ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"]
    assert first["skipped"] == ["2024-Q4"]
    _publish(settings, ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"], day)
    assert _planned(settings, "2023-Q4..2024-Q4")["build"] == {}

    _send(settings, SAMARINDA, "2024-Q1", 90, day)
    late = _planned(settings, "2023-Q4..2024-Q4")
    # the later quarters of the year compare with it
    assert list(late["build"]) == ["2024-Q1", "2024-Q2", "2024-Q3"]
    assert late["build"]["2024-Q1"] == ["dokumen baru / new documents"]
    assert late["unchanged"] == ["2023-Q4"]

    sources = str(settings.sources_file)
    ran = _spm(settings, "run", "2023-Q4..2024-Q4", "--sources", sources, "--json")
    assert json.loads(ran.stdout)["published"] == ["2024-Q1", "2024-Q2", "2024-Q3"]
    assert json.loads(ran.stdout)["unchanged"] == ["2023-Q4"]
    incremental = Releases(settings.published).current()
    whole = _spm(settings, "run", "2023-Q4..2024-Q4", "--sources", sources, "--all", "--json")
    assert json.loads(whole.stdout)["published"] == ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"]
    assert json.loads(whole.stdout)["is_new"] is False
    assert Releases(settings.published).current() == incremental
