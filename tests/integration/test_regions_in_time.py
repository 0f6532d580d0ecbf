"""A report lands on the region of its period, whichever code or name it has, and on the region of today.

Every change of ``region_changes.csv`` is tried on the quarter before it and the quarter of it. A quarter is
read by the map of its last day (``region_code``) or by today's (``current_region_code``): the same totals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipelines.registry.periods import Period, all_periods
from pipelines.registry.regions import HORIZON
from pipelines.registry.rosters import expected_reporters
from pipelines.registry.seeds import read_seed
from tests.integration.home import RECEIVED, Row, build_marts, query

FIRST = all_periods()[0]
SCORED = tuple(Period.parse(text) for text in ("2022-Q2", "2022-Q3", "2022-Q4", "2023-Q1"))
# the quarter that shows a date of counts_by_province.csv: no region changed between its last day and that
COUNTED = {
    "2010-01-01": "2010-Q1",
    "2013-01-01": "2012-Q4",
    "2014-01-01": "2013-Q4",
    "2015-01-01": "2014-Q4",
    "2022-07-01": "2022-Q2",
    "2022-08-01": "2022-Q3",
    "2023-01-01": "2022-Q4",
    "2025-06-23": "2025-Q2",
}


@dataclass(frozen=True)
class Case:
    """A region as written for a period, and the code it has then; none where it does not exist yet."""

    change: str
    written: str
    period: Period
    code: str | None
    said: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What the note of its row says."""
        return f"{self.change}: {self.written} in {self.period}"


def cases() -> Iterator[Case]:
    """For each change, what is written before and after it."""
    for row in read_seed("region_changes"):
        day, new = row.day("effective_date"), row.optional("region_code_new")
        if day is None or new is None:  # Jakarta's name is pending, Nusantara has no code
            continue
        old, kind = row.text("region_code_old"), row.text("kind")
        change = f"{kind} {old} {new} {day}"
        after = max(Period.containing(day), FIRST)
        before = after.previous() if Period.containing(day) > FIRST else None
        if kind == "recode":
            yield from (Case(change, code, after, new) for code in (old, new))
            if before:
                yield from (Case(change, code, before, old) for code in (old, new))
        elif kind == "rename":
            names = re.match(r"(.+?) -> (.+?)(?:\.|$)", row.text("note"))
            assert names is not None
            written = names.groups() if day >= HORIZON else names.groups()[1:]
            for period in filter(None, (before, after)):
                yield from (Case(change, name, period, new) for name in written)
        else:
            yield Case(change, new, after, new)
            if before:
                yield from (Case(change, old, period, old) for period in (before, after))
                yield Case(change, new, before, None, (str(day), old))


CASES = list(cases())


def reports() -> Iterator[dict[str, str]]:
    """A problem row for each case, and of the scored quarters a report of every region: every other one
    under the code of the time, the rest under today's."""
    for case in CASES:
        row = {"record": "problem", "region": case.written, "period": str(case.period)}
        yield {**row, "item": "lain", "note": case.id}
    for period in map(Period.parse, COUNTED.values()):
        yield {"record": "problem", "region": "11", "period": str(period), "note": "hitung"}
    for period in SCORED:
        for number, region in enumerate(expected_reporters(period)):
            yield {
                "record": "achievement",
                "region": region.current_region_code if number % 2 else region.region_code,
                "period": str(period),
                "service": "P-KES-01" if region.level == "province" else "K-KES-01",
                "component": "recipients",
                "target": str(1000 + number),
                "realised": str(number),
            }


@pytest.fixture(scope="module")
def work_file() -> Path:
    unreadable = ("64.73_2023-Q1.csv", b"PK\x03\x04 not a CSV", RECEIVED)
    return build_marts(list(reports()), besides=[unreadable])


@pytest.fixture(scope="module")
def landed(work_file: Path) -> dict[str, Row]:
    """The outcome of the row of each case."""
    rows = query(
        "select note, region_code, rule_id, rule_value from intermediate.int_rows__resolved"
        " left join intermediate.int_rows__unreadable using (row_id)"
        " where record = 'problem'",
        work_file,
    )
    return {str(row["note"]): row for row in rows}


def test_every_dated_change_of_the_table_is_tried() -> None:
    changes = [row for row in read_seed("region_changes") if row.day("effective_date")]
    assert len({case.change for case in CASES}) == len(changes) - 1 > 200  # but Nusantara


def test_a_code_or_name_of_any_time_lands_on_the_region_of_the_period(landed: dict[str, Row]) -> None:
    wrong = [
        (case.id, landed[case.id])
        for case in CASES
        if case.code and landed[case.id]["region_code"] != case.code
    ]
    assert wrong == []


def test_a_region_to_come_is_refused_with_its_day_and_its_parent(landed: dict[str, Row]) -> None:
    to_come = [case for case in CASES if case.code is None]
    assert len(to_come) > 20
    for case in to_come:
        found = landed[case.id]
        assert (found["rule_id"], found["region_code"]) == ("REG-003", None), case.id
        assert all(said in found["rule_value"] for said in case.said), found


def test_an_unreadable_document_named_by_an_ended_code_is_the_regions_of_the_period(work_file: Path) -> None:
    found = query(
        "select region_code, period from marts.mart_document where reject_rule is not null", work_file
    )
    assert [tuple(row.values()) for row in found] == [("65.71", "2023-Q1")]


def test_a_renamed_region_bears_the_name_of_the_period(work_file: Path) -> None:
    found = query(
        "select distinct period, region_name from marts.mart_compliance"
        " where region_code = '12.12' and period in ('2019-Q4', '2020-Q1')",
        work_file,
    )
    assert {row["period"]: row["region_name"] for row in found} == {
        "2019-Q4": "Kabupaten Toba Samosir",
        "2020-Q1": "Kabupaten Toba",
    }


def test_the_expected_reporters_of_a_period_are_those_counted_by_decree(work_file: Path) -> None:
    found = query(
        "select period, province_code, count(*) filter (where level = 'province') as provinces,"
        " count(*) filter (where level != 'province') as autonomous"
        " from marts.mart_compliance group by period, province_code",
        work_file,
    )
    reporters = {(row["period"], row["province_code"]): row for row in found}
    counted = [row for row in read_seed("counts_by_province") if row.text("province_code") != "ALL"]
    for row in counted:
        here = reporters.pop((COUNTED[row.text("as_of")], row.text("province_code")))
        assert (here["provinces"], here["autonomous"]) == (1, row.parsed("autonomous", int)), row
    assert [key for key in reporters if key[0] in COUNTED.values()] == []


@pytest.mark.parametrize("table", ["fct_indicator", "mart_region_score", "mart_compliance", "fct_problem"])
def test_every_row_leads_to_one_region_of_its_time_and_one_of_today(table: str, work_file: Path) -> None:
    orphans = query(
        f"""
        select rows.region_code, rows.current_region_code, rows.period
        from marts.{table} as rows
        inner join marts.dim_period as periods on rows.period = periods.period
        left join marts.dim_region as then_valid
            on rows.region_code = then_valid.region_code
            and rows.current_region_code = then_valid.current_region_code
            and coalesce(then_valid.valid_from <= periods.ends_on, true)
            and coalesce(then_valid.valid_to > periods.ends_on, true)
        left join marts.dim_region as today
            on rows.current_region_code = today.region_code and today.is_current
        where then_valid.region_code is null or today.region_code is null
        """,
        work_file,
    )
    assert orphans == []


def test_no_two_regions_of_a_period_are_one_region_of_today(work_file: Path) -> None:
    double = query(
        "select period, current_region_code from marts.mart_compliance"
        " group by period, current_region_code having count(*) > 1",
        work_file,
    )
    assert double == []


def test_national_totals_are_the_same_by_the_map_of_then_and_of_today(work_file: Path) -> None:
    sent = {str(period): sum(range(len(expected_reporters(period)))) for period in SCORED}
    for column, states in (
        ("region_code", "coalesce(valid_from <= ends_on, true) and coalesce(valid_to > ends_on, true)"),
        ("current_region_code", "is_current"),
    ):
        found = query(
            f"""
            select facts.period, sum(facts.realised) as served
            from marts.fct_indicator as facts
            inner join marts.dim_period as periods on facts.period = periods.period
            inner join marts.dim_region as regions on facts.{column} = regions.region_code and {states}
            where facts.period in {tuple(map(str, SCORED))}
            group by facts.period
            """,
            work_file,
        )
        assert {row["period"]: int(row["served"]) for row in found} == sent, column


def test_a_quarter_before_a_split_read_by_todays_map_leaves_the_parent_its_history(work_file: Path) -> None:
    found = query(
        """
        select
            facts.level = 'province' as is_province,
            regions.province_code as of_today,
            count(*) as region_count
        from marts.mart_region_score as facts
        inner join marts.dim_region as regions
            on facts.current_region_code = regions.region_code and regions.is_current
        where facts.province_code = '91' and facts.period = '2022-Q2'
        group by all
        """,
        work_file,
    )
    moved = {(row["is_province"], row["of_today"]): row["region_count"] for row in found}
    # the province keeps its own figures; its regencies stand in the provinces that they belong to today
    assert moved == {
        (True, "91"): 1,
        (False, "91"): 9,
        (False, "93"): 4,
        (False, "94"): 8,
        (False, "95"): 8,
    }


def test_a_series_goes_on_over_a_change_of_the_code(work_file: Path) -> None:
    found = query(
        "select region_code from marts.mart_region_score"
        " where period = '2022-Q4' and change_from_previous_period is null",
        work_file,
    )
    assert [row["region_code"] for row in found] == ["96"]
    first_day = {row.text("region_code"): row.day("valid_from") for row in read_seed("regions")}["96"]
    assert first_day == date(2022, 12, 8)
