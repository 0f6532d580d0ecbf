"""A reviewed correction replaces one accepted value and is told; one that names nothing, or finds another
value than the letter did, closes the gate of its period by name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.build import steps
from tests.integration.home import (
    Row,
    build_marts,
    candidate_of,
    document,
    judged_by,
    publish_periods,
    published,
    put,
    query,
    restated,
    settings_of,
    with_registry,
)

PERIOD = "2024-Q4"
CITY = {"record": "achievement", "region": "64.71", "period": PERIOD, "component": "recipients"}
ROWS = [
    {**CITY, "service": "K-KES-01", "target": "1000", "realised": "2.000,5"},
    {**CITY, "service": "K-KES-02", "target": "10", "realised": "13 (empat belas)"},
    {**CITY, "service": "K-KES-02", "component": "goods_services", "item": "Kotak obat", "target": "9"},
    {**CITY, "service": "K-KES-03", "target": "10", "realised": "7"},
    {**CITY, "record": "budget", "sector": "kesehatan", "item": "Pagu", "target": "100", "realised": "50"},
    {**CITY, "region": "64.73", "service": "K-KES-01", "target": "4", "realised": "2"},
]


def of(name: str, service: str | None, old: str | None, new: int, **cells: str | None) -> Row:
    """A correction of what Balikpapan served of ``service``, changed as the case wants."""
    return {
        "id": name,
        "region_code": "64.71",
        "period": PERIOD,
        "record": "achievement",
        "sector": None,
        "service": service,
        "component": "recipients",
        "item": None,
        "column": "realised",
        "old": old,
        "new": new,
        **cells,
    }


CORRECTIONS = [
    of("as-a-number", "K-KES-01", "2000.5", 900),
    of("as-text", "K-KES-02", "13 (empat belas)", 8),
    of("an-empty-cell", "K-KES-02", None, 3, component="goods_services", item="kotak obat"),
    of("stale", "K-KES-03", "6", 8),
    of("unmatched", "K-KES-04", "6", 8),
    of("of-no-service", None, "100", 60, record="budget", sector="kesehatan", item="pagu", column="target"),
    of("under-the-new-code", "K-KES-01", "4", 5, region_code="65.71", column="target"),
    of("of-another-quarter", "K-KES-01", "1", 2, period="2024-Q3"),
]


def correct(connection: duckdb.DuckDBPyConnection, *corrections: Row) -> None:
    """Rows of the ledger, reviewed and by letter."""
    for found in corrections:
        connection.execute(
            """
            insert into registry.corrections values (
                $id, $region_code, $period, $record, $sector, $service, $component, $item, $column,
                $old, $new, 'Salah ketik', 'S-' || $id, 'Biro Tapem', date '2025-02-01'
            )
            """,
            found,
        )


@pytest.fixture(scope="module")
def work_file() -> Path:
    return build_marts(
        ROWS,
        lambda connection: correct(connection, *CORRECTIONS),
        models=["fct_budget", "fct_indicator", "mart_correction", "mart_finding"],
    )


def test_each_correction_of_the_runs_periods_says_what_became_of_it(work_file: Path) -> None:
    found = query("select correction_id, outcome, found from marts.mart_correction", work_file)
    assert {row["correction_id"]: (row["outcome"], row["found"]) for row in found} == {
        "as-a-number": ("applied", "2.000,5"),
        "as-text": ("applied", "13 (empat belas)"),
        "an-empty-cell": ("applied", None),
        "stale": ("stale", "7"),
        "unmatched": ("unmatched", None),
        "of-no-service": ("applied", "100"),
        "under-the-new-code": ("applied", "4"),
    }


def test_the_fact_holds_the_new_value_at_the_cell_of_the_old_one(work_file: Path) -> None:
    found = query(
        "select region_code, service_code, component, target, realised, source_ref from marts.fct_indicator"
        " where status <> 'missing' order by region_code, service_code, component desc",
        work_file,
    )
    assert [tuple(row.values())[:5] for row in found] == [
        ("64.71", "K-KES-01", "recipients", 1000, 900),
        ("64.71", "K-KES-02", "recipients", 10, 8),
        ("64.71", "K-KES-02", "goods_services", 9, 3),
        ("64.71", "K-KES-03", "recipients", 10, 7),
        ("65.71", "K-KES-01", "recipients", 5, 2),
    ]
    assert str(found[0]["source_ref"]).endswith(":L2")
    assert query("select allocated_idr from marts.fct_budget", work_file) == [{"allocated_idr": Decimal(60)}]


def test_the_region_is_told_old_new_and_letter(work_file: Path) -> None:
    found = query(
        "select source_ref, value, severity from marts.mart_finding where rule_id = 'COR-001'", work_file
    )
    assert {str(row["source_ref"]).split(":")[1]: (row["value"], row["severity"]) for row in found} == {
        "L2": ("realisasi 2.000,5 -> 900 (S-as-a-number)", "warning"),
        "L3": ("realisasi 13 (empat belas) -> 8 (S-as-text)", "warning"),
        "L4": ("realisasi - -> 3 (S-an-empty-cell)", "warning"),
        "L6": ("target 100 -> 60 (S-of-no-service)", "warning"),
        "L7": ("target 4 -> 5 (S-under-the-new-code)", "warning"),
    }


def test_corrections_that_do_not_apply_close_the_gate_of_their_period_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    put(tmp_path / "inbox" / "rows.csv", document(ROWS))
    earlier = {"record": "published_index", "region": "64.72", "period": "2024-Q3", "realised": "50"}
    put(tmp_path / "inbox" / "earlier.csv", document([earlier]))

    def wrongly(connection: duckdb.DuckDBPyConnection) -> None:
        for found in CORRECTIONS:
            if found["id"] in ("stale", "unmatched"):
                correct(connection, found)

    with_registry(monkeypatch, tmp_path, wrongly)
    with judged_by("mart_correction"):
        open_still, closed = steps.judge(candidate_of(settings, ["2024-Q3", PERIOD]))
    assert (open_still.period, open_still.passed) == ("2024-Q3", True)
    (check,) = closed.closing
    assert (closed.period, check.check_id) == (PERIOD, "CR-002")
    said = [(row["correction_id"], row["outcome"]) for row in check.failing_rows]
    assert sorted(said) == [("stale", "stale"), ("unmatched", "unmatched")]


def test_a_correction_is_of_the_value_that_stands_not_of_a_superseded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    row = {**CITY, "service": "K-KES-01", "target": "10"}
    for day, realised in ((10, "6"), (12, "8")):
        sent = {**row, "realised": realised, "submitted_at": f"2025-01-{day}T10:00:00+07:00"}
        put(tmp_path / "inbox" / f"{day}.csv", document([sent]), datetime(2025, 1, day, 3, tzinfo=UTC))
    correction = of("K-1", "K-KES-01", "8", 9)
    with_registry(monkeypatch, tmp_path, lambda connection: correct(connection, correction))
    publish_periods(settings, [PERIOD])
    (found,) = published(settings, "mart_correction")
    assert (found["outcome"], found["found"]) == ("applied", "8")
    served = {row["realised"] for row in published(settings, "fct_indicator") if row["realised"] is not None}
    assert served == {9}


def test_what_a_correction_changes_is_told_by_its_letter_and_so_is_its_withdrawal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    row = {**CITY, "service": "K-KES-01", "target": "10"}
    put(tmp_path / "inbox" / "rows.csv", document([{**row, "realised": "8"}]))
    publish_periods(settings, [PERIOD])
    with monkeypatch.context() as patched:
        with_registry(
            patched, tmp_path, lambda connection: correct(connection, of("K-1", "K-KES-01", "8", 6))
        )
        publish_periods(settings, [PERIOD])
        corrected = restated(settings)
        assert publish_periods(settings, [PERIOD]).is_new is False
    publish_periods(settings, [PERIOD])
    withdrawn = restated(settings)
    for cells, old, new in ((corrected, "8", "6"), (withdrawn, "6", "8")):
        assert {(found["reason"], found["caused_by"]) for found in cells} == {("correction", "K-1 (S-K-1)")}
        told = {
            (found["table_name"], found["region_code"], found["column_name"]): found
            for found in cells
            if found["sector_code"] in (None, "kesehatan")
        }
        mine = told["fct_indicator", "64.71", "realised"]
        assert (mine["old"], mine["new"]) == (old, new)
        assert ("mart_national_score", None, "index") in told
