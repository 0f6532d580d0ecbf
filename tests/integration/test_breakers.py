"""A breaker stops a quarter that cannot be true nationally, and no other quarter of the range."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.build import steps
from pipelines.registry.periods import Period
from pipelines.registry.rosters import expected_reporters
from pipelines.reports.to_correct import list_beside, to_correct
from pipelines.settings import Settings
from tests.integration.home import (
    RECEIVED,
    candidate_of,
    closed_by,
    document,
    judged_by,
    publish_periods,
    put,
    settings_of,
)

PERIODS = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
BREAKERS = ("fct_indicator", "mart_budget", "mart_national_score")
"""The tables whose suites stop a quarter nationally."""
AFTER_THE_WINDOWS = datetime(2025, 2, 1, 3, tzinfo=UTC)


def send(folder: Path, period: str, index: int, regions: int = 120, at: datetime = RECEIVED) -> None:
    """One index for each of the first ``regions`` regions, as the press prints it."""
    codes = [region.region_code for region in expected_reporters(Period.parse(period))][-regions:]
    rows = [
        {"record": "published_index", "region": code, "period": period, "realised": str(index)}
        for code in codes
    ]
    put(folder / "inbox" / f"{period}-{at.day}.csv", document(rows), at)


def closed(home: Settings, periods: list[str], *tables: str) -> dict[str, list[str]]:
    """The periods that the suites of ``tables`` close, or those of the breakers, with the checks."""
    asked = tables or BREAKERS
    return closed_by(candidate_of(home, periods, tables=asked), *asked)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def test_a_fall_within_the_year_closes_its_quarter_alone(home: Settings) -> None:
    for period, index in zip(PERIODS, (30, 5, 66, 85), strict=True):
        send(home.home.parent, period, index)
    candidate = candidate_of(home, PERIODS, tables=BREAKERS)
    with judged_by(*BREAKERS):
        verdicts = {one.period: one for one in steps.judge(candidate)}
    # what follows is compared with the last quarter that may be published
    assert [period for period, one in verdicts.items() if not one.passed] == ["2024-Q2"]
    (check,) = verdicts["2024-Q2"].closing
    assert check.check_id == "NA-009"
    assert check.failing_rows[0].items() >= {"before": "2024-Q1", "index_before": "30.000000"}.items()


def test_reporters_that_vanish_close_the_quarter_once_its_window_has_closed(home: Settings) -> None:
    send(home.home.parent, "2024-Q3", 50, 200)
    send(home.home.parent, "2024-Q4", 60, 90, AFTER_THE_WINDOWS)
    assert closed(home, PERIODS[2:]) == {"2024-Q4": ["NA-007"]}


def test_reporters_may_be_few_while_the_window_is_open(home: Settings) -> None:
    send(home.home.parent, "2024-Q3", 50, 200)
    send(home.home.parent, "2024-Q4", 60, 90)
    assert closed(home, PERIODS[2:]) == {}


def test_a_published_index_that_moves_too_far_closes_its_quarter(home: Settings) -> None:
    send(home.home.parent, "2024-Q4", 50)
    publish_periods(home, ["2024-Q4"], tables=BREAKERS)
    send(home.home.parent, "2024-Q4", 61, at=RECEIVED.replace(day=12))
    assert closed(home, ["2024-Q4"]) == {"2024-Q4": ["NA-008"]}


def count_people(folder: Path, period: str, owed: int, served: int, at: datetime = RECEIVED) -> None:
    """What each of 120 regencies and cities owes and serves in one service, and money of its sector."""
    states = [one for one in expected_reporters(Period.parse(period)) if one.tier == "regency_city"]
    rows = [
        {
            **{"record": "achievement", "region": one.region_code, "period": period, "service": "K-KES-01"},
            **{"component": "recipients", "unit": "Orang", "target": str(owed), "realised": str(served)},
        }
        for one in states[-120:]
    ]
    rows += [
        {
            **{"record": "budget", "region": one.region_code, "period": period, "sector": "kesehatan"},
            **{"unit": "rupiah", "target": f"{owed}0000000", "realised": f"{served}0000000"},
        }
        for one in states[-120:]
    ]
    put(folder / "inbox" / f"{period}-{at.day}.csv", document(rows), at)


def test_a_service_that_serves_a_multiple_of_those_owed_closes_its_quarter(home: Settings) -> None:
    count_people(home.home.parent, "2024-Q3", 1000, 1500)
    count_people(home.home.parent, "2024-Q4", 1000, 1501)
    assert closed(home, PERIODS[2:]) == {"2024-Q4": ["FI-010", "BU-005"]}


@pytest.mark.parametrize(
    ("owed", "served", "closing"),
    [(2000, 150, []), (2001, 300, ["FI-011", "BU-006"]), (1000, 149, ["FI-011", "BU-006"])],
)
def test_a_national_sum_that_is_a_multiple_or_a_part_of_the_quarter_before_closes_its_quarter(
    home: Settings, owed: int, served: int, closing: list[str]
) -> None:
    count_people(home.home.parent, "2024-Q3", 1000, 300)
    count_people(home.home.parent, "2024-Q4", owed, served)
    assert closed(home, PERIODS[2:]) == ({"2024-Q4": closing} if closing else {})


def test_a_national_sum_that_is_sent_again_as_a_multiple_closes_its_quarter(home: Settings) -> None:
    count_people(home.home.parent, "2024-Q4", 1000, 300)
    publish_periods(home, ["2024-Q4"], tables=BREAKERS)
    count_people(home.home.parent, "2024-Q4", 2001, 300, at=RECEIVED.replace(day=12))
    assert closed(home, ["2024-Q4"]) == {"2024-Q4": ["FI-011", "BU-006"]}


def test_a_small_home_meets_no_breaker(home: Settings) -> None:
    send(home.home.parent, "2024-Q3", 90, 99)
    send(home.home.parent, "2024-Q4", 5, 3, AFTER_THE_WINDOWS)
    assert closed(home, PERIODS[2:]) == {}


def report(region_code: str, period: str = "2024-Q4") -> bytes:
    """A report of one service by one region."""
    row = {"record": "achievement", "region": region_code, "period": period, "service": "K-KES-01"}
    return document([{**row, "component": "recipients", "target": "100", "realised": "40"}])


def regions_of(count: int) -> list[str]:
    return [one.region_code for one in expected_reporters(Period.parse("2024-Q4")) if "." in one.region_code][
        :count
    ]


@pytest.mark.parametrize("named", ["{code}_2024-Q4", pytest.param("kiriman{number}", marks=pytest.mark.slow)])
def test_a_quarter_most_of_whose_documents_are_refused_is_closed(home: Settings, named: str) -> None:
    inbox = home.home.parent / "inbox"
    for number, code in enumerate(regions_of(15)):
        content = report(code) if number == 0 else f"apa,ini\n{number},2\n".encode()
        put(inbox / f"{named.format(code=code, number=number)}.csv", content)
    candidate = candidate_of(home, ["2024-Q4"])
    with judged_by("mart_document"):
        (verdict,) = steps.judge(candidate)
    (check,) = verdict.closing
    assert check.check_id == "DC-008"
    assert check.failing_rows[0] == {"period": "2024-Q4", "documents": "15", "unusable": "14"}
    listed = to_correct(candidate.folder, ["2024-Q4"])
    assert {(one.rule_id, one.owner, one.place) for one in listed} == {("DOC-002", "team:intake", "L1")}
    assert len({one.document for one in listed}) == 14
    assert "Kolom wajib" in str(listed[0])
    known = sorted(one.region_code for one in listed if one.region_code)
    assert known == (sorted(regions_of(15)[1:]) if "code" in named else [])
    page = steps.keep_page(home, candidate, [verdict])
    assert list_beside(page) == listed
    assert page.read_text(encoding="utf-8").count("DOC-002") > 14


def test_the_same_bytes_from_many_regions_count_as_often_as_they_were_sent(home: Settings) -> None:
    inbox = home.home.parent / "inbox"
    for number, code in enumerate(regions_of(15)):
        put(inbox / f"{code}_2024-Q4.csv", report(code) if number == 0 else b"apa,ini\n1,2\n")
    assert closed_by(candidate_of(home, ["2024-Q4"]), "mart_document") == {"2024-Q4": ["DC-008"]}


def test_documents_that_were_sent_again_in_order_open_it(home: Settings) -> None:
    inbox = home.home.parent / "inbox"
    for number, code in enumerate(regions_of(15)):
        put(inbox / f"{code}_2024-Q4.csv", f"apa,ini\n{number},2\n".encode())
        put(inbox / f"{code}_2024-Q4 lagi.csv", report(code), RECEIVED.replace(day=12))
    assert closed_by(candidate_of(home, ["2024-Q4"]), "mart_document") == {}


@pytest.mark.parametrize(("sent", "closing"), [pytest.param(8, [], marks=pytest.mark.slow), (7, ["CO-006"])])
def test_reporters_of_the_quarter_before_that_send_nothing_close_the_next(
    home: Settings, sent: int, closing: list[str]
) -> None:
    inbox = home.home.parent / "inbox"
    for number, code in enumerate(regions_of(15)):
        put(inbox / f"{code}-3.csv", report(code, "2024-Q3"))
        if number < sent:
            put(inbox / f"{code}-4.csv", report(code))
    open_still = replace(home, now=datetime(2025, 1, 20, 16, 59, tzinfo=UTC))
    assert closed(open_still, PERIODS[2:], "mart_compliance") == {}
    assert closed(home, PERIODS[2:], "mart_compliance") == ({"2024-Q4": closing} if closing else {})


@pytest.mark.slow
def test_a_reporter_of_a_published_quarter_is_missed_too(home: Settings) -> None:
    inbox = home.home.parent / "inbox"
    for code in regions_of(15):
        put(inbox / f"{code}-3.csv", report(code, "2024-Q3"))
    publish_periods(home, ["2024-Q3"])
    put(inbox / "4.csv", report("64.71"))
    assert closed(home, ["2024-Q4"], "mart_compliance") == {"2024-Q4": ["CO-006"]}
