"""Without a release regions hear what to correct: of a quarter whose gate closed, or all of whose documents
were refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from pipelines.build import ledger
from pipelines.build.health import health_of
from pipelines.cli.app import app
from pipelines.reports.to_correct import list_beside
from pipelines.settings import Settings
from tests.integration.home import RECEIVED, document, judged_by, open_gate, put, settings_of
from tests.integration.test_breakers import regions_of, report

PERIOD = "2024-Q4"
NO_COLUMNS = "apa,ini\n{number},2\n"


def spm(settings: Settings, *arguments: str) -> Any:
    return CliRunner().invoke(
        app, [*arguments, "--home", str(settings.home)], env={"SPM_NOW": "2025-06-01T03:00:00+00:00"}
    )


def run(settings: Settings, periods: str = PERIOD) -> Any:
    with judged_by("mart_document", "mart_compliance"):
        return spm(settings, "run", periods, "--sources", str(settings.sources_file))


def texts(path: Path) -> str:
    page = load_workbook(path).worksheets[0]
    return "\n".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Any]:
    """A home whose one run ended at a closed gate: fourteen documents are refused, one has a wrong cell."""
    settings = settings_of(tmp_path_factory.mktemp("closed"))
    for number, code in enumerate(regions_of(15)):
        row = {"record": "achievement", "region": code, "period": PERIOD, "service": "K-KES-01"}
        row |= {"component": "recipients", "target": "100", "realised": "40"}
        good = document([row, {**row, "service": "K-PEND-01", "realised": "sepuluh"}])
        content = NO_COLUMNS.format(number=number).encode() if number else good
        put(settings.home.parent / "inbox" / f"{code}_{PERIOD}.csv", content)
    return settings, run(settings)


def test_the_terminal_and_the_state_say_by_region_document_and_cell_what_is_wrong(
    closed: tuple[Settings, Any],
) -> None:
    settings, said = closed
    assert said.exit_code == 1
    first, second = regions_of(15)[:2]
    for told in (said.output, spm(settings, "status").output):
        assert "dokumen diterima: 15; tidak dapat dipakai: 14" in told
        assert f"({second}): {second}_{PERIOD}.csv L1: Kolom wajib tidak ada" in told
        assert f"spm report --period {PERIOD}" in told
        assert "{'" not in told
    (problem,) = [one for one in health_of(settings).standing if one.kind == "gate"]
    (entry,) = ledger.entries(settings)
    assert entry.page is not None
    listed = list_beside(Path(entry.page))
    assert "team:intake" in problem.owners
    assert problem.owners == tuple(sorted({one.owner for one in listed}))
    assert ("L3", first) in {(one.place, one.region_code) for one in listed}
    page = Path(entry.page).read_text(encoding="utf-8")
    assert f"{second}_{PERIOD}.csv" in page


def test_the_report_writes_a_workbook_for_each_region_without_a_release(closed: tuple[Settings, Any]) -> None:
    settings, _ = closed
    said = spm(settings, "report", "--json")
    assert said.exit_code == 0, said.output
    written = json.loads(said.stdout[said.stdout.index("{") :])
    assert written["site"] is None
    (of_period,) = written["unpublished"]["periods"]
    assert (of_period["period"], of_period["workbooks"], of_period["documents"]) == (PERIOD, 15, 15)
    folder = Path(written["unpublished"]["folder"])
    first, second = regions_of(15)[:2]
    assert "Kolom wajib tidak ada" in texts(folder / PERIOD / f"{second}.xlsx")
    of_first = texts(folder / PERIOD / f"{first}.xlsx")
    assert "sepuluh" in of_first
    assert "Ada baris yang ditahan" in of_first
    # a region alone, with the others left as they are
    put(settings.home.parent / "inbox" / f"{second}_{PERIOD}.csv", report(second), RECEIVED.replace(day=12))
    said = spm(settings, "report", "--period", PERIOD, "--region", first)
    assert said.exit_code == 0, said.output
    assert len(list((folder / PERIOD).iterdir())) == 15


def test_refused_documents_without_a_period_are_told_by_the_run_that_was_refused(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    code = regions_of(1)[0]
    put(tmp_path / "inbox" / f"{code}_laporan.csv", NO_COLUMNS.encode())
    assert spm(settings, "report").exit_code == 2
    assert run(settings).exit_code == 1
    (problem,) = health_of(settings).standing
    assert (problem.kind, problem.subject, problem.owners) == ("refused", PERIOD, ("team:intake",))
    assert f"{code}_laporan.csv L1: DOC-002 Kolom wajib" in problem.details[0]
    said = spm(settings, "report")
    assert said.exit_code == 0, said.output
    (book,) = (settings.home / "reports" / "unpublished").rglob("*.xlsx")
    assert book.name == f"{code}.xlsx"
    assert "Kolom wajib tidak ada" in texts(book)
    # what the regions sent anew ends it
    put(tmp_path / "inbox" / "lagi.csv", report(code), RECEIVED.replace(day=12))
    with open_gate():
        assert spm(settings, "run", PERIOD, "--sources", str(settings.sources_file)).exit_code == 0
    assert [one.kind for one in health_of(settings).standing] == ["due"]
    assert spm(settings, "report", "--no-site").exit_code == 0


def test_a_quarter_that_nothing_came_for_is_in_no_report(closed: tuple[Settings, Any]) -> None:
    settings, _ = closed
    said = spm(settings, "report", "--period", "2023-Q1")
    assert said.exit_code == 2
    assert len(said.stderr.strip().splitlines()) == 1
