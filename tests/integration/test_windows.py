"""On time is until midnight in Jakarta after the last day of the window, a region's extension counted in;
what comes in a window that was opened again is accepted, and late."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipelines.warehouse import dbt, registry_file
from tests.integration.home import Row, build_marts, document, query

JAKARTA = ZoneInfo("Asia/Jakarta")
Q3, Q4 = "2024-Q3", "2024-Q4"
"""Announced to close on 2024-10-20 and 2025-01-20."""

# region, period, received (Jakarta), timeliness, last day, status
CASES = {
    "last_second": ("64.71", Q4, "2025-01-20T23:59:59", "on_time", "2025-01-20", "announced"),
    "midnight": ("64.72", Q4, "2025-01-21T00:00:00", "late", "2025-01-20", "announced"),
    "extended_last_second": ("64.01", Q4, "2025-01-31T23:59:59", "on_time", "2025-01-31", "extended"),
    "extended_midnight": ("64.02", Q4, "2025-02-01T00:00:00", "late", "2025-01-31", "extended"),
    "reopened": ("64.03", Q4, "2025-02-12T10:00:00", "late", "2025-01-20", "reopened"),
    "reopened_but_in_time": ("64.07", Q4, "2025-01-20T23:59:59", "on_time", "2025-01-20", "reopened"),
    "for_everybody": ("64.71", Q3, "2024-10-31T23:59:59", "on_time", "2024-10-31", "extended"),
    "for_everybody_midnight": ("64.72", Q3, "2024-11-01T00:00:00", "late", "2024-10-31", "extended"),
    "own_after_everybody": ("64.01", Q3, "2024-11-05T23:59:59", "on_time", "2024-11-05", "extended"),
    "own_before_everybody": ("64.02", Q3, "2024-10-31T23:59:59", "on_time", "2024-10-31", "extended"),
}
EXTENSIONS = """
insert into registry.window_extensions values
    ('2024-Q4', '64.01', 'extended', null, '2025-01-31', 'Banjir', 'S-1', '2025-01-15'),
    ('2024-Q4', '64.02', 'extended', null, '2025-01-25', 'Banjir', 'S-1', '2025-01-15'),
    ('2024-Q4', '64.02', 'extended', null, '2025-01-31', 'Masih banjir', 'S-2', '2025-01-24'),
    ('2024-Q4', '64.03', 'reopened', '2025-02-10', '2025-02-20', 'Perbaikan', 'S-3', '2025-02-07'),
    ('2024-Q4', '64.07', 'reopened', '2025-02-10', '2025-02-20', 'Perbaikan', 'S-3', '2025-02-07'),
    ('2024-Q3', null, 'extended', null, '2024-10-31', 'Aplikasi terganggu', 'S-4', '2024-10-18'),
    ('2024-Q3', '64.01', 'extended', null, '2024-11-05', 'Listrik padam', 'S-5', '2024-10-30'),
    ('2024-Q3', '64.02', 'extended', null, '2024-10-25', 'Listrik padam', 'S-5', '2024-10-20')
"""


@pytest.fixture(scope="module")
def work_file() -> Path:
    """Each region's report is a document of its own, whose file has the time of its receipt."""
    documents = []
    for name, (region, period, received, *_) in CASES.items():
        rows = [{"record": "problem", "region": region, "period": period, "note": "-"}]
        when = datetime.fromisoformat(received).replace(tzinfo=JAKARTA)
        documents.append((f"{name}.csv", document(rows), when))
    periods = [{"record": "problem", "region": "64", "period": period, "note": "-"} for period in (Q3, Q4)]
    return build_marts(
        periods,
        lambda connection: connection.execute(EXTENSIONS),
        models=["mart_compliance", "dim_period"],
        besides=documents,
    )


def compliance(work_file: Path, region: str, period: str) -> Row:
    """The one row of a region and period."""
    (row,) = query(
        "select * from marts.mart_compliance where region_code = $region and period = $period",
        work_file,
        region=region,
        period=period,
    )
    return row


@pytest.mark.parametrize("name", CASES)
def test_a_receipt_is_on_time_until_the_minute_its_own_window_closes(name: str, work_file: Path) -> None:
    region, period, _, timeliness, closes_on, status = CASES[name]
    found = compliance(work_file, region, period)
    assert (found["timeliness"], str(found["window_closes_on"]), found["window_status"]) == (
        timeliness,
        closes_on,
        status,
    )


def test_a_decision_is_told_with_its_reason_letter_and_expiry(work_file: Path) -> None:
    told = {
        region: (found["window_reason"], found["window_reopened_to"])
        for region in ("64.02", "64.03", "64.71")
        for found in [compliance(work_file, region, Q4)]
    }
    assert told == {
        "64.02": ("Masih banjir (S-2)", None),
        "64.03": ("Perbaikan (S-3)", date(2025, 2, 20)),
        "64.71": (None, None),
    }
    assert compliance(work_file, "64.71", Q3)["window_reason"] == "Aplikasi terganggu (S-4)"


def test_a_region_that_sent_nothing_has_its_window_too(work_file: Path) -> None:
    found = compliance(work_file, "64.08", Q3)
    assert (found["timeliness"], str(found["window_closes_on"])) == ("missing", "2024-10-31")


def test_the_window_of_a_period_knows_what_holds_for_everybody_alone(work_file: Path) -> None:
    found = query(
        "select period, window_closes_on, window_status from marts.dim_period"
        " where period in ('2024-Q3', '2024-Q4') order by period",
        work_file,
    )
    assert [(row["window_closes_on"], row["window_status"]) for row in found] == [
        (date(2024, 10, 31), "extended"),
        (date(2025, 1, 20), "announced"),
    ]


def test_dbt_finds_what_the_yaml_of_a_seed_forbids_as_python_does(tmp_path: Path) -> None:
    registry = tmp_path / dbt.WORK_FILE_NAME
    registry.write_bytes(registry_file.ensure(2, "1GB").read_bytes())
    with duckdb.connect(str(registry)) as connection:
        connection.execute(
            "insert into registry.window_extensions values"
            " ('2024-Q5', '64.01', 'longer', null, null, 'r', 's', '2025-01-01')"
        )
    results = dbt.build(registry, 2, "1GB", ["window_extensions"], command="test")
    failed = sorted(result.unique_id.split(".")[2].split("_window")[0] for result in results if result.failed)
    assert failed == ["accepted_values", "not_null", "relationships"]
