"""``spm run --method`` scores by another method to look at: it says so, and nothing published changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.build.what_if import NOTICE, UnknownMethodError, score_what_if
from pipelines.cli.app import app
from pipelines.settings import Settings
from tests.integration.home import (
    document,
    publish_periods,
    published,
    put,
    query,
    settings_of,
    with_registry,
)
from tests.registry import add_method, freeze_methods

pytestmark = pytest.mark.open_gate

PERIODS = ("2024-Q3", "2024-Q4")
OFFICIAL = "permendagri-59-2021"


def report(period: str) -> list[dict[str, str]]:
    """Balikpapan's recipients are all served, its quality is half there."""
    service = {
        "record": "achievement",
        "region": "64.71",
        "period": period,
        "service": "K-KES-01",
        "target": "10",
    }
    return [
        {**service, "component": "recipients", "realised": "10"},
        {**service, "component": "personnel", "item": "Bidan", "realised": "5"},
    ]


def with_draft(connection: duckdb.DuckDBPyConnection) -> None:
    """A draft, valid in the same periods, that leaves missing services out and weighs quality by half."""
    freeze_methods(connection)
    weights = {"weight_recipients_percent": 50, "weight_quality_percent": 50}
    add_method(connection, "half-half", status="draft", missing="exclude", **weights)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home whose two quarters are published, and a registry with a draft."""
    folder = tmp_path_factory.mktemp("what-if")
    with pytest.MonkeyPatch.context() as patched:
        with_registry(patched, folder, with_draft)
        settings = settings_of(folder)
        for period in PERIODS:
            put(folder / "inbox" / f"{period}.csv", document(report(period)))
        publish_periods(settings, PERIODS)
        yield settings


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_what_if_has_its_own_indexes_and_leaves_what_is_published_alone(settings: Settings) -> None:
    before, pointer = files(settings.published), (settings.published / "current").resolve()
    found = score_what_if(settings, PERIODS, "half-half")
    scores = query(
        "select index, method_version, change_from_previous_period from read_parquet($path)"
        " where region_code = '64.71' order by period",
        path=str(found.folder / "mart_region_score.parquet"),
    )
    assert [tuple(row.values()) for row in scores] == [(75, "half-half", None), (75, "half-half", 0)]
    official = [row for row in published(settings, "mart_region_score") if row["region_code"] == "64.71"]
    assert {row["method_version"] for row in official} == {OFFICIAL}
    assert {row["index"] for row in official} != {75}
    assert {row["method_version"] for row in published(settings, "dim_method")} == {OFFICIAL}
    assert {row["method_version"] for row in published(settings, "dim_band")} == {OFFICIAL}
    drafted = query("select * from read_parquet($path)", path=str(found.folder / "dim_method.parquet"))
    assert {row["method_version"] for row in drafted} == {OFFICIAL, "half-half"}
    assert files(settings.published) == before
    assert (settings.published / "current").resolve() == pointer
    assert list(settings.work.glob("what-if-*")) == []


def test_it_says_what_it_is_and_the_same_question_has_the_same_answer(settings: Settings) -> None:
    first = score_what_if(settings, PERIODS, "half-half")
    assert first.folder.parent == settings.home / "what-if"
    assert first.folder.name.startswith("half-half-")
    notice = (first.folder / NOTICE).read_text()
    assert all(said in notice for said in ("BUKAN ANGKA RESMI", "half-half", "2024-Q3, 2024-Q4"))
    names = {path.name for path in first.folder.iterdir()}
    assert not names & {"candidate.json", "manifest.json", "landed_counts.parquet"}
    kept = files(first.folder)
    again = score_what_if(settings, PERIODS, "half-half")
    assert again.folder == first.folder
    assert files(again.folder) == kept


def test_a_method_that_no_one_knows_is_bad_usage_and_the_known_ones_are_named(settings: Settings) -> None:
    with pytest.raises(UnknownMethodError, match=f"half.*{OFFICIAL}.*half-half"):
        score_what_if(settings, PERIODS, "half")
    assert UnknownMethodError.exit_code == 2
    assert list((settings.home / "what-if").glob("half-[!h]*")) == []


def test_a_period_without_services_is_refused_not_answered_with_nothing(settings: Settings) -> None:
    done = CliRunner().invoke(app, ["run", "2018-Q4", "--method", OFFICIAL, "--home", str(settings.home)])
    assert done.exit_code == 2
    assert "before 2019-Q1" in done.output


def test_the_command_prints_the_folder_and_the_national_table(settings: Settings) -> None:
    asked = ["run", "2024-Q4", "--method", "half-half", "--home", str(settings.home)]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0
    assert all(said in told.output for said in ("bukan angka resmi", "75.00"))
    as_json = CliRunner().invoke(app, [*asked, "--json"])
    found = json.loads(as_json.stdout)
    assert (found["periods"], found["skipped"]) == (["2024-Q4"], [])
    assert (Path(found["folder"]) / NOTICE).exists()
