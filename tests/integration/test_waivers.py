"""A waiver lets stand what a rule finds, shown with its reason, for reports received before it ends."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.integration.home import Row, build_marts, query
from tests.integration.test_sector_blocking import BALIKPAPAN, BONTANG, PERIOD, SAMARINDA, health

# the document is received on 10 January 2025
WAIVERS = [
    ("W-in-force", "SUB-001", BALIKPAPAN, "kesehatan", "2025-01-10"),
    ("W-ended", "SUB-001", SAMARINDA, None, "2025-01-09"),
    ("W-unused", "SUB-002", BONTANG, None, "2025-12-31"),
    ("W-warning", "COV-001", BALIKPAPAN, None, "2025-12-31"),
    ("W-of-a-region-that-sent-nothing", "COV-001", "64.08", None, "2025-12-31"),
]


def grant(connection: duckdb.DuckDBPyConnection) -> None:
    """The waivers of this test, all for the one quarter."""
    for waiver_id, rule_id, region, sector, expires_on in WAIVERS:
        connection.execute(
            """
            insert into registry.waivers values (
                $id, $rule, $region, '2024-Q4', '2024-Q4', $sector, null, 'Kebakaran kantor', 'Office burnt',
                'Biro Tapem', '900/1', date '2025-01-02', cast($expires as date)
            )
            """,
            {"id": waiver_id, "rule": rule_id, "region": region, "sector": sector, "expires": expires_on},
        )


@pytest.fixture(scope="module")
def work_file() -> Path:
    """Two regions most of whose rows cannot be read, one in order."""
    rows = [
        *health(BALIKPAPAN, "200", "90", unreadable=32),
        *health(SAMARINDA, "200", "90", unreadable=32),
        *health(BONTANG, "200", "90"),
    ]
    return build_marts(
        rows, grant, models=["fct_indicator", "mart_finding", "mart_quarantine", "mart_rule", "mart_waiver"]
    )


def findings(work_file: Path, *rules: str) -> list[Row]:
    """What is found by some rules, in order."""
    listed = ", ".join(f"'{rule}'" for rule in rules)
    return query(
        "select rule_id, region_code, severity, value, waiver_id, waiver_reason_id, message_id"
        f" from marts.mart_finding where rule_id in ({listed}) order by all",
        work_file,
    )


def test_a_sector_that_is_waived_is_accepted_and_one_whose_waiver_ended_is_not(work_file: Path) -> None:
    stands = query(
        "select distinct region_code from marts.fct_indicator where realised is not null order by all",
        work_file,
    )
    assert [row["region_code"] for row in stands] == [BALIKPAPAN, BONTANG]
    held = query("select distinct region_code, rule_id from marts.mart_quarantine order by all", work_file)
    assert [tuple(row.values()) for row in held] == [
        (BALIKPAPAN, "NUM-001"),
        (SAMARINDA, "NUM-001"),
        (SAMARINDA, "SUB-001"),
    ]


def test_a_waived_finding_is_still_shown_with_its_reason(work_file: Path) -> None:
    shown = {
        row["region_code"]: (row["waiver_id"], row["waiver_reason_id"])
        for row in findings(work_file, "SUB-001")
    }
    assert shown == {BALIKPAPAN: ("W-in-force", "Kebakaran kantor"), SAMARINDA: (None, None)}


def test_each_rule_counts_what_is_waived(work_file: Path) -> None:
    counted = query(
        "select rule_id, broken, waived from marts.mart_rule"
        " where rule_id in ('SUB-001', 'COV-001') order by all",
        work_file,
    )
    assert [tuple(row.values()) for row in counted] == [("COV-001", 2, 1), ("SUB-001", 2, 1)]


def test_a_waiver_that_ended_or_waives_nothing_is_told(work_file: Path) -> None:
    told = {
        row["region_code"]: (row["rule_id"], row["severity"], row["value"])
        for row in findings(work_file, "WVR-001", "WVR-002")
    }
    assert told == {
        SAMARINDA: ("WVR-001", "warning", "W-ended (2025-01-09)"),
        BONTANG: ("WVR-002", "info", "W-unused"),
    }


def test_the_waivers_are_public_with_what_became_of_them(work_file: Path) -> None:
    found = query(
        "select waiver_id, outcome, approver, letter from marts.mart_waiver order by all", work_file
    )
    assert [tuple(row.values()) for row in found] == [
        (waiver_id, outcome, "Biro Tapem", "900/1")
        for waiver_id, outcome in (
            ("W-ended", "expired"),
            ("W-in-force", "applied"),
            ("W-unused", "unused"),
            ("W-warning", "applied"),
        )
    ]
    assert PERIOD == "2024-Q4"
