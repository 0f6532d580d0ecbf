"""The roster of a period decides who is expected, who may report, and what the gate asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import pytest

import expectations.facts
from pipelines.registry.rosters import roster_rows
from tests.integration.home import build_marts, candidate_of, closed_by, document, put, query, settings_of
from tests.registry import seeds_with

ISLANDS, JAKARTA_CITY = "31.01", "31.71"
Q2, Q3 = "2024-Q2", "2024-Q3"


def report(region: str, period: str) -> dict[str, str]:
    """What a regency or city reports of one service."""
    return {
        **{"record": "achievement", "region": region, "period": period, "service": "K-KES-01"},
        **{"component": "recipients", "unit": "Orang", "target": "10", "realised": "9"},
    }


REPORTS = [report(region, period) for region in (ISLANDS, JAKARTA_CITY, "64.71") for period in (Q2, Q3)]


def as_the_ministry_counts(connection: duckdb.DuckDBPyConnection) -> None:
    """The registry of a work file with the roster of the ministry as the policy of every method."""
    connection.execute("update registry.methods set roster = 'espm'")


@pytest.fixture(scope="module")
def by_law() -> Path:
    return build_marts(REPORTS)


@pytest.fixture(scope="module")
def of_the_ministry() -> Path:
    return build_marts(REPORTS, as_the_ministry_counts)


def refused(work_file: Path) -> set[tuple[str, str, str]]:
    rows = query("select region_code, period, rule_id from marts.mart_quarantine", work_file)
    return {(row["region_code"], row["period"], row["rule_id"]) for row in rows}


def expected(work_file: Path) -> dict[str, int]:
    rows = query(
        "select period, sum(expected) as expected from marts.mart_compliance_summary group by period",
        work_file,
    )
    return {row["period"]: int(row["expected"]) for row in rows}


def test_by_law_546_are_expected_and_kepulauan_seribu_reports_through_jakarta(by_law: Path) -> None:
    assert expected(by_law) == {Q2: 546, Q3: 546}
    assert refused(by_law) == {
        (region, period, "REG-004") for region in (ISLANDS, JAKARTA_CITY) for period in (Q2, Q3)
    }


def test_as_the_ministry_counts_547_are_expected_from_2024_q3(of_the_ministry: Path) -> None:
    assert expected(of_the_ministry) == {Q2: 546, Q3: 547}
    levels = query(
        f"select level, sum(expected) as expected from marts.mart_compliance_summary where period = '{Q3}'"
        " group by level",
        of_the_ministry,
    )
    assert {row["level"]: int(row["expected"]) for row in levels} == {
        "province": 38,
        "regency": 416,
        "city": 93,
    }
    scores = query("select * from marts.mart_national_score where scope = 'national'", of_the_ministry)
    assert {row["period"]: row["regions_expected"] for row in scores} == {Q2: 546, Q3: 547}


def test_as_the_ministry_counts_kepulauan_seribu_reports_from_2024_q3(of_the_ministry: Path) -> None:
    assert refused(of_the_ministry) == {
        (ISLANDS, Q2, "REG-004"),
        (JAKARTA_CITY, Q2, "REG-004"),
        (JAKARTA_CITY, Q3, "REG-004"),
    }
    (scored,) = query(
        f"select * from marts.mart_service_score where region_code = '{ISLANDS}' and status = 'reported'",
        of_the_ministry,
    )
    assert (scored["period"], scored["service_code"], int(scored["recipients_index"])) == (Q3, "K-KES-01", 90)
    (compliance,) = query(
        f"select * from marts.mart_compliance where region_code = '{ISLANDS}'", of_the_ministry
    )
    assert (compliance["period"], compliance["documents_accepted"]) == (Q3, 1)


def test_a_release_says_by_which_roster_it_was_made(by_law: Path, of_the_ministry: Path) -> None:
    said = [
        query("select policies from marts.dim_method", work_file)[0]["policies"]
        for work_file in (by_law, of_the_ministry)
    ]
    assert ["roster=autonomous" in said[0], "roster=espm" in said[1]] == [True, True]


@pytest.mark.parametrize("is_of_the_ministry", [False, True])
def test_the_gate_asks_for_those_of_the_roster_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_of_the_ministry: bool
) -> None:
    settings = settings_of(tmp_path)
    put(tmp_path / "inbox" / "rows.csv", document([report("64.71", Q3)]))
    candidate = candidate_of(settings, [Q3], as_the_ministry_counts)
    if is_of_the_ministry:
        seeds = seeds_with(tmp_path, "methods", "exclude,autonomous", "exclude,espm")
        rows_of: Callable[..., object] = partial(roster_rows, folder=seeds)
        monkeypatch.setattr(expectations.facts, "roster_rows", rows_of)
    assert closed_by(candidate, "mart_region_score") == ({} if is_of_the_ministry else {Q3: ["RG-007"]})
