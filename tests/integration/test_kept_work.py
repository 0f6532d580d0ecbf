"""One model alone: ``spm work`` keeps a work file that dbt works on, ``spm gate`` judges one table of it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.build.leftovers import sweep
from pipelines.cli.app import app
from pipelines.settings import Settings
from tests.integration.candidates import rows_of
from tests.integration.home import document, publish_periods, put, settings_of

PERIOD = "2024-Q4"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a release of one quarter."""
    folder = tmp_path_factory.mktemp("kept")
    settings = settings_of(folder)
    put(folder / "inbox" / "laporan.csv", document(rows_of(PERIOD)))
    publish_periods(settings, [PERIOD])
    return settings


def spm(settings: Settings, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, [*arguments, "--home", str(settings.home)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def judged(settings: Settings, *arguments: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(spm(settings, "gate", *arguments, "--json", code=code))
    return found


@pytest.fixture(scope="module")
def printed(settings: Settings) -> str:
    """What ``spm work`` prints of the file that it keeps."""
    return spm(settings, "work", PERIOD)


def test_the_lines_that_are_printed_build_and_test_one_model(settings: Settings, printed: str) -> None:
    lines = [line.strip() for line in printed.splitlines() if line.startswith("  ")]
    environment, build, test, prompt, query, gate, _ = lines
    assert (build, test) == ("dbt build --select mart_region_score", "dbt test --select mart_region_score")
    done = subprocess.run(
        ["bash", "-c", f"set -e; {environment}; {build}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # the model, its data tests (those that `dbt test` runs) and its unit tests
    assert re.search(r"Finished running 1 table model, [1-9]\d* tests?, [1-9]\d* unit tests?", done.stdout), (
        done.stdout
    )
    assert "Completed successfully" in done.stdout
    asked = f"print({query}.shape[0] > 0)"
    looked = subprocess.run(
        ["bash", "-c", prompt.replace(" -ic ", " -c ").rstrip("'") + f"; {asked}'"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert looked.stdout.strip() == "True"
    assert gate == f"spm gate mart_region_score --work {settings.kept / PERIOD}"


@pytest.mark.usefixtures("printed")
def test_no_run_throws_a_kept_file_away(settings: Settings) -> None:
    sweep(settings)
    assert str(settings.kept / PERIOD / "work.duckdb") in spm(settings, "work")


@pytest.mark.usefixtures("printed")
def test_one_table_of_a_kept_file_is_judged_alone_with_sentence_and_failing_rows(settings: Settings) -> None:
    good = judged(settings, "mart_region_score", PERIOD)
    assert {verdict["status"] for _, verdict in good["verdicts"]} == {"pass"}
    assert {check["table_name"] for check, _ in good["verdicts"]} == {"mart_region_score"}
    with duckdb.connect(str(settings.kept / PERIOD / "work.duckdb")) as connection:
        connection.execute(
            "update marts.mart_region_score set index = 101 where period = ? and index is not null", [PERIOD]
        )
    told = spm(settings, "gate", "mart_region_score", PERIOD, code=1).splitlines()
    at = next(number for number, line in enumerate(told) if "RG-004" in line)
    assert told[at] == "fail  RG-004 (fatal) Indeks daerah antara 0 dan 100"
    assert told[at + 1].strip() == "A region index lies between 0 and 100"
    assert "value=101.000000" in told[at + 3]


def test_where_nothing_is_kept_the_release_is_judged(settings: Settings, tmp_path: Path) -> None:
    found = judged(settings, "mart_document")
    assert found["origin"].startswith("r0001-")
    # the rows that were landed are known to a run alone
    unsaid = [check["check_id"] for check, verdict in found["verdicts"] if verdict is None]
    assert unsaid == ["DC-004", "DC-008"]
    spm(settings, "gate", "mart_document", "--work", str(tmp_path), code=2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gate", "dim_region"], "mart_region_score"),
        (["work", "2024-Q1", "--remove"], "spm work"),
        (["work", "--remove"], "--remove"),
        (["gate", "mart_region_score", "2019-Q1"], "2019-Q1: belum terbit"),
        (["report", "--period", "2019-Q1"], "2019-Q1: belum terbit"),
        (["rules", "simulate", "VAL-999", "2019-Q1"], "VAL-999"),
    ],
    ids=["no-suite", "nothing-kept", "no-period", "not-judged", "not-reported", "no-rule"],
)
def test_what_cannot_be_done_is_one_line(settings: Settings, arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_that_holds_something_else_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "laporan.xlsx").touch()
    spm(settings, "work", PERIOD, "--to", str(tmp_path), code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["laporan.xlsx"]


@pytest.mark.usefixtures("printed")
def test_a_kept_file_is_removed_when_asked(settings: Settings) -> None:
    spm(settings, "work", PERIOD, "--remove")
    assert "tidak ada berkas kerja" in spm(settings, "work")
