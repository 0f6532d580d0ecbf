"""A value that a rule of scale, swap or fraction doubts is marked on its fact, is in no sum, and is counted.

Scores count it as it was sent: what is asked here is marks and sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.integration.home import build_marts, query

BEFORE, NOW = "2024-Q3", "2024-Q4"
CITY, OTHER_CITY = "64.71", "64.72"
SERVICES = ("K-KES-01", "K-KES-02", "K-KES-03", "K-KES-04", "K-KES-12")
MODELS = ("fct_indicator", "fct_budget", "mart_budget", "mart_peer", "mart_service_score", "mart_projection")
Row = dict[str, str]


def recipients(region: str, period: str, pairs: Sequence[tuple[int, int]]) -> list[Row]:
    """Owed and served of the first services."""
    return [
        {
            **{"record": "achievement", "region": region, "period": period, "service": service},
            **{"component": "recipients", "unit": "Orang", "target": str(owed), "realised": str(served)},
        }
        for service, (owed, served) in zip(SERVICES, pairs, strict=False)
    ]


def budget(period: str, sector: str, item: str, allocated: str, spent: str) -> Row:
    """A line of the city's budget."""
    where = {"record": "budget", "region": CITY, "period": period, "sector": sector, "item": item}
    return where | {"unit": "rupiah", "target": allocated, "realised": spent}


def doubted(work_file: Path) -> dict[tuple[str, str, str], str | None]:
    """The doubting rule of each submitted number of people of the last quarter."""
    found = query(
        f"select * from marts.fct_indicator where period = '{NOW}' and submission_id is not null", work_file
    )
    assert all(row["is_doubtful"] == (row["doubtful_rule_id"] is not None) for row in found)
    return {
        (row["region_code"], row["service_code"], row["component"]): row["doubtful_rule_id"] for row in found
    }


USUAL = [(9000, 5000), (8000, 4100), (7000, 3600), (6000, 3100), (5000, 2600)]
GROWN = [(owed, served + 1000) for owed, served in USUAL]


def times(factor: int) -> list[tuple[int, int]]:
    """What the city reports in the last quarter, so many times too large."""
    return [(owed * factor, served * factor) for owed, served in GROWN]


def two_quarters(now: Sequence[tuple[int, int]], *others: Row) -> list[Row]:
    """The city in two quarters, and beside it a city as it ever was."""
    beside = [*recipients(OTHER_CITY, BEFORE, USUAL), *recipients(OTHER_CITY, NOW, GROWN)]
    return [*recipients(CITY, BEFORE, USUAL), *recipients(CITY, NOW, now), *beside, *others]


def served(work_file: Path) -> tuple[Decimal, Decimal, int]:
    """Owed and served in the last quarter without what is doubtful, and how many rows that leaves out."""
    (row,) = query(
        "select count(*) filter (where is_doubtful) as doubtful,"
        " sum(target) filter (where not is_doubtful) as owed,"
        " sum(realised) filter (where not is_doubtful) as served"
        f" from marts.fct_indicator where period = '{NOW}' and component = 'recipients'",
        work_file,
    )
    return row["owed"], row["served"], row["doubtful"]


def test_a_form_that_is_ten_or_a_thousand_times_too_large_is_in_no_sum_of_people() -> None:
    for factor in (10, 1000):
        work_file = build_marts(two_quarters(times(factor)), models=MODELS)
        rules = doubted(work_file)
        assert {rule for (region, *_), rule in rules.items() if region == CITY} == {"VAL-010"}
        assert {rule for (region, *_), rule in rules.items() if region == OTHER_CITY} == {None}
        assert served(work_file) == (35000, 23400, 5)
        sizes = query(
            f"select distinct region_code, target_population, doubtful_targets from marts.mart_peer"
            f" where period = '{NOW}' and region_code in ('{CITY}', '{OTHER_CITY}') order by region_code",
            work_file,
        )
        assert [tuple(row.values())[1:] for row in sizes] == [(None, 5), (35000, 0)]


def test_a_number_with_zeros_too_many_or_swapped_or_broken_is_doubted_and_the_others_are_not() -> None:
    slipped, swapped = (9000, 6_000_000), (4100, 8000)
    goods = {"record": "achievement", "region": CITY, "period": NOW, "service": "K-KES-03"}
    broken = goods | {"component": "goods_services", "item": "Buku KIA", "unit": "karung"}
    broken |= {"target": "10", "realised": "7.25"}
    work_file = build_marts(two_quarters([slipped, swapped, *GROWN[2:]], broken), models=MODELS)
    assert {place: rule for place, rule in doubted(work_file).items() if rule} == {
        (CITY, "K-KES-01", "recipients"): "VAL-010",
        (CITY, "K-KES-02", "recipients"): "VAL-011",
        (CITY, "K-KES-03", "goods_services"): "NUM-010",
    }
    assert served(work_file) == (35000 + 18000, 23400 + 12300, 2)
    # the method caps: the score has what was sent
    scores = query(
        f"select recipients_index from marts.mart_service_score where region_code = '{CITY}'"
        f" and period = '{NOW}' and service_code in ('K-KES-01', 'K-KES-02') order by service_code",
        work_file,
    )
    assert [row["recipients_index"] for row in scores] == [100, 100]
    (projected,) = query(
        "select doubtful_services from marts.mart_projection"
        f" where region_code = '{CITY}' and period = '{NOW}'",
        work_file,
    )
    assert projected == {"doubtful_services": 2}


def test_zeros_too_many_in_a_first_report_are_doubted_beside_its_own_target() -> None:
    first = [*recipients(CITY, NOW, [(9000, 6_000_000), *GROWN[1:]]), *recipients(OTHER_CITY, NOW, GROWN)]
    spent = budget(NOW, "sosial", "Pagu", "8000000000", "6000000000000")
    work_file = build_marts([*first, spent], models=MODELS)
    rules = {place: rule for place, rule in doubted(work_file).items() if rule}
    assert rules == {(CITY, "K-KES-01", "recipients"): "VAL-014"}
    assert served(work_file) == (61000, 40800, 1)
    (money,) = query("select allocated_idr, spent_idr, doubtful_lines from marts.mart_budget", work_file)
    assert money == {"allocated_idr": None, "spent_idr": None, "doubtful_lines": 1}


def test_a_budget_in_thousands_is_in_no_sum_of_money() -> None:
    lines = [
        budget(NOW, "kesehatan", "Pagu", "8000000000", "6000000000"),
        budget(NOW, "kesehatan", "Obat", "900000", "450000"),
        budget(NOW, "sosial", "Pagu", "700000", "350000"),
    ]
    work_file = build_marts(two_quarters(GROWN, *lines), models=MODELS)
    found = query("select * from marts.mart_budget order by sector_code", work_file)
    amounts = ("sector_code", "allocated_idr", "spent_idr", "spent_percent", "doubtful_lines")
    assert [tuple(row[name] for name in amounts) for row in found] == [
        ("kesehatan", 8_000_000_000, 6_000_000_000, 75, 1),
        ("sosial", None, None, None, 1),
    ]
    marks = query("select item, sector_code, doubtful_rule_id from marts.fct_budget order by all", work_file)
    assert [tuple(row.values()) for row in marks] == [
        ("Obat", "kesehatan", "BUD-001"),
        ("Pagu", "kesehatan", None),
        ("Pagu", "sosial", "BUD-001"),
    ]


def let_it_stand(connection: duckdb.DuckDBPyConnection) -> None:
    """A letter lets the first service of the city stand as it is."""
    connection.execute(
        """
        insert into registry.waivers by name
        select 'W-1' as waiver_id, 'VAL-010' as rule_id, '64.71' as region_code, '2024-Q4' as first_period,
            '2024-Q4' as last_period, 'kesehatan' as sector_code, 'K-KES-01|recipients' as subject,
            'alasan' as reason_id, 'reason' as reason_en, 'Biro Tapem' as approver, 'S-2' as letter,
            date '2024-10-01' as granted_on, date '2030-12-31' as expires_on
        """
    )


def test_what_a_letter_lets_stand_is_doubted_no_more() -> None:
    rules: Mapping[tuple[str, str, str], str | None] = doubted(
        build_marts(two_quarters(times(10)), let_it_stand, models=MODELS)
    )
    of_city = {service: rule for (region, service, _), rule in rules.items() if region == CITY}
    assert of_city == {service: None if service == "K-KES-01" else "VAL-010" for service in SERVICES}
