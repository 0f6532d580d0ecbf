"""An award is what its published quarters give by the registry's formulas, however many runs they came in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from tests.integration.home import (
    Row,
    build_marts,
    document,
    publish_periods,
    published,
    put,
    query,
    settings_of,
)

THIRD, FOURTH = "2023-Q3", "2023-Q4"
# the windows close on 10 October and 20 January
LATE, ON_TIME = datetime(2023, 11, 1, tzinfo=UTC), datetime(2024, 1, 10, tzinfo=UTC)
IN_THIRD = datetime(2023, 10, 5, tzinfo=UTC)
OF_REGENCY = [service.service_code for service in services_owed("regency_city", Period.parse(FOURTH))]
FULL, BARE, IN_PRINT, FELL_SILENT, SILENT = "64.71", "64.72", "64.74", "61.71", "61.72"
CRITERIA = ("index", "budget", "stages", "team", "action_plan", "reporting")


def achieved(region: str, period: str, served: int) -> Iterator[Row]:
    """Of each service ``served`` of ten, and no quality: the index is 8 x served."""
    row = {"record": "achievement", "component": "recipients", "target": "10", "realised": str(served)}
    return ({**row, "region": region, "period": period, "service": code} for code in OF_REGENCY)


def other(period: str, record: str, target: str, realised: str, **texts: str) -> Row:
    """A row of the full report that is no achievement."""
    return {
        "record": record,
        "region": FULL,
        "period": period,
        "target": target,
        "realised": realised,
        **texts,
    }


def documents() -> Iterator[tuple[str, list[Row], datetime]]:
    """Name, rows and receipt of what five regions sent in two quarters."""
    yield (
        "full-3",
        [
            *achieved(FULL, THIRD, 9),
            other(THIRD, "team", "4", "3", item="Rapat"),
            other(THIRD, "team", "", "1", item="SK"),
            other(THIRD, "budget", "100000000", "100000000", sector="kesehatan"),
        ],
        LATE,
    )
    yield (
        "full-4",
        [
            *achieved(FULL, FOURTH, 8),
            other(FOURTH, "budget", "1000000000", "400000000", sector="kesehatan", item="Obat"),
            other(FOURTH, "budget", "1000000000", "800000000", sector="kesehatan", item="Alat"),
            other(FOURTH, "budget", "500000000", "700000000", sector="pendidikan"),
            other(FOURTH, "budget", "0", "0", sector="sosial"),
            other(FOURTH, "budget", "900000000", "", sector="perumahan_rakyat"),
            other(FOURTH, "stage", "100", "80", sector="kesehatan", item="planning"),
            other(FOURTH, "stage", "", "50", item="implementation"),
            other(FOURTH, "stage", "0", "0", sector="sosial", item="data_collection"),
        ],
        ON_TIME,
    )
    yield "bare-4", list(achieved(BARE, FOURTH, 10)), ON_TIME
    yield "silent-3", list(achieved(FELL_SILENT, THIRD, 10)), IN_THIRD
    yield (
        "press",
        [{"record": "published_index", "region": IN_PRINT, "period": FOURTH, "realised": "100"}],
        ON_TIME,
    )


EXPECTED = {
    # 8 x 8; (60 + 100 + 0 + 0 + 0) / 5, the sector without a budget left out; (80 + 6 x 50) / 23, the stage
    # that does not apply left out; (75 + 100) / 2 of the quarter before; nothing; one of two quarters on time
    FULL: ("64", "32", "16.521739", "87.5", "0", "50"),
    BARE: ("80", "0", "0", "0", "0", "50"),
    FELL_SILENT: ("0", "0", "0", "0", "0", "50"),
    IN_PRINT: (None,) * 6,
    SILENT: (None,) * 6,
}
# 0.6 x 64 + 0.1 x 32 + 0.1 x 380/23 + 0.05 x 87.5 + 0.1 x 50
SCORES = {FULL: "52.627174", BARE: "53", FELL_SILENT: "5", IN_PRINT: None, SILENT: None}
RANKS = {FULL: 2, BARE: 1, FELL_SILENT: None, IN_PRINT: None, SILENT: None}


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def send(settings: Settings, *names: str) -> None:
    """Put the documents of these names into the inbox."""
    for name, rows, received in documents():
        if name in names:
            put(settings.home.parent / "inbox" / f"{name}.csv", document(rows), received)


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Both quarters in one run."""
    settings = settings_of(tmp_path_factory.mktemp("one"))
    send(settings, "full-3", "full-4", "bare-4", "silent-3", "press")
    publish_periods(settings, [THIRD, FOURTH])
    return settings


@pytest.fixture(scope="module")
def awards(one_run: Settings) -> dict[str, Row]:
    """The awards of the year by region."""
    return {row["region_code"]: row for row in published(one_run, "mart_award")}


@pytest.mark.parametrize("region", EXPECTED)
def test_each_criterion_and_the_score_are_those_worked_out_by_hand(
    awards: dict[str, Row], region: str
) -> None:
    found = awards[region]
    assert [found[f"criterion_{name}"] for name in CRITERIA] == [number(text) for text in EXPECTED[region]]
    assert found["score"] == number(SCORES[region])


def test_ranks_go_by_level_and_only_to_those_ranked_in_the_last_quarter(awards: dict[str, Row]) -> None:
    assert {region: awards[region]["rank"] for region in RANKS} == RANKS
    assert awards[FULL]["n_ranked"] == 2
    assert awards["64"]["n_ranked"] == 0


def test_an_award_says_what_it_rests_on_and_that_nobody_verified_it(awards: dict[str, Row]) -> None:
    found = awards[FULL]
    assert (found["year"], found["periods"], found["n_periods"]) == (2023, f"{THIRD}, {FOURTH}", 2)
    assert (found["last_period"], found["edition"]) == (FOURTH, "spm-awards-2024")
    assert (found["is_verified"], found["verified_by"]) == (False, None)


def test_every_region_that_owes_a_report_has_its_row(one_run: Settings, awards: dict[str, Row]) -> None:
    owing = {row["region_code"] for row in published(one_run, "mart_region_score") if row["period"] == FOURTH}
    assert set(awards) == owing


@pytest.mark.slow
def test_quarters_that_come_run_by_run_give_the_award_of_one_run(one_run: Settings, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    send(settings, "full-3")
    publish_periods(settings, [THIRD])
    early = {row["region_code"]: row for row in published(settings, "mart_award")}
    # judged on the third quarter alone: 0.6 x 72 + 0.1 x 100 / 6 + 0.05 x 87.5 + 0
    assert (early[FULL]["score"], early[FULL]["periods"]) == (Decimal("49.241667"), THIRD)
    send(settings, "full-4", "bare-4", "press")
    publish_periods(settings, [FOURTH])
    send(settings, "silent-3")
    publish_periods(settings, [THIRD])
    for table in ("mart_award", "mart_projection", "mart_peer", "mart_rank_stability"):
        assert published(settings, table) == published(one_run, table), table


def test_under_the_policy_exclude_what_is_missing_leaves_the_score(tmp_path: Path) -> None:
    def exclude(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("update registry.methods set missing = 'exclude'")

    rows = [
        *achieved(FULL, FOURTH, 8),
        other(FOURTH, "budget", "900000000", "", sector="perumahan_rakyat"),
        other(FOURTH, "budget", "1000000000", "600000000", sector="kesehatan"),
        other(FOURTH, "stage", "100", "80", sector="kesehatan", item="planning"),
    ]
    work_file = build_marts(rows, exclude, models=["mart_award"])
    found = query("select * from marts.mart_award where region_code = $region", work_file, region=FULL)[0]
    # quality that nobody sent leaves the service index too: 80; no team, no plan; the report of 2025 is late
    given = (Decimal(80), Decimal(60), Decimal(80), None, None, Decimal(0))
    assert tuple(found[f"criterion_{name}"] for name in CRITERIA) == given
    # (60 x 80 + 10 x 60 + 10 x 80 + 10 x 0) / 90
    assert found["score"] == Decimal("68.888889")
