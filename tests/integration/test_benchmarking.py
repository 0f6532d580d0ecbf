"""A region beside its peers, its rank under other weights, its year end: each worked out by hand or anew.

The hand-made cases hold one decision each; on a set of made-up reports every row is worked out anew in
fractions, by the words of docs/awards-and-benchmarks.md and not by the SQL.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period, parse_range
from pipelines.registry.seeds import read_seed
from pipelines.settings import Settings
from spm_sample.command import write_sample
from tests.integration.home import (
    Row,
    build_marts,
    build_periods,
    document,
    publish_periods,
    published,
    put,
    query,
    settings_of,
    take_in,
)

SECTORS = [row.text("sector_code") for row in read_seed("sectors")]


def reported(region: str, period: str, target: int, served: int, unit: str = "orang") -> Iterator[Row]:
    """Of each service ``served`` of ``target`` recipients, and no quality."""
    tier = "province" if len(region) == 2 else "regency_city"
    row = {"record": "achievement", "region": region, "period": period, "component": "recipients"}
    row |= {"target": str(target), "realised": str(served), "unit": unit}
    return ({**row, "service": one.service_code} for one in services_owed(tier, Period.parse(period)))


def in_print(region: str, period: str, index: str, sector: str = "") -> Row:
    """An index of the press, of the region or one of its sectors."""
    row = {"record": "published_index", "region": region, "period": period, "sector": sector}
    return row | {"realised": index}


# --- peers --------------------------------------------------------------------------------------------------

PEERS_IN = "2024-Q4"
SIZES = {"61.71": 301, "63.71": 90, "64.71": 100, "64.72": 150, "64.74": 290}
"""Cities of Kalimantan and how many each of their services is owed to."""
SERVED = {"61.71": 301, "63.71": 81, "64.71": 50, "64.72": 60, "64.74": 203}


@pytest.fixture(scope="module")
def peers() -> dict[tuple[str, str | None], Row]:
    """The comparisons of one quarter by region and sector."""
    rows = [row for region, size in SIZES.items() for row in reported(region, PEERS_IN, size, SERVED[region])]
    rows += [*reported("64", PEERS_IN, 100, 50), *reported("52.71", PEERS_IN, 100, 70, "persen")]
    # a report too thin to be ranked, of the size and islands of the others
    rows += itertools.islice(reported("62.71", PEERS_IN, 1000, 1000), 3)
    work_file = build_marts(rows, models=["mart_peer"])
    return {(row["region_code"], row["sector_code"]): row for row in query("from marts.mart_peer", work_file)}


def test_peers_are_of_the_islands_and_at_most_three_times_the_size(
    peers: dict[tuple[str, str | None], Row],
) -> None:
    # indexes are 0.8 x the percent served: 80, 72, 40, 32, 56
    found = peers["64.71", None]
    assert (found["peer_basis"], found["peers"]) == ("islands_and_size", "63.71, 64.72, 64.74")
    assert (found["index"], found["peer_median"], found["n_peers"]) == (40, 56, 3)
    assert found["difference_from_median"] == -16
    assert found["target_population"] == 2900
    for sector in SECTORS:
        assert (peers["64.71", sector]["peer_median"], peers["64.71", sector]["index"]) == (56, 40)


def test_too_few_of_that_size_give_way_to_the_islands_and_an_even_number_to_the_mean_of_two(
    peers: dict[tuple[str, str | None], Row],
) -> None:
    # 290 and 301 are more than three times 90
    found = peers["63.71", None]
    assert (found["peer_basis"], found["peers"]) == ("islands", "61.71, 64.71, 64.72, 64.74")
    assert found["peer_median"] == Decimal(40 + 56) / 2


def test_a_target_in_percent_is_no_size_and_too_few_peers_give_no_median(
    peers: dict[tuple[str, str | None], Row],
) -> None:
    for region in ("52.71", "64"):
        found = peers[region, None]
        assert (found["peers"], found["n_peers"], found["peer_median"]) == (None, 0, None)
        assert found["difference_from_median"] is None
    assert peers["52.71", None]["target_population"] is None


# --- ranks under other weights ------------------------------------------------------------------------------

UNEVEN, EVEN, LAST, TOTAL_ALONE = "64.71", "64.72", "64.74", "61.71"
UNEVEN_SECTORS = ("100", "50", "50", "50", "50", "60")


@pytest.fixture(scope="module")
def stability() -> dict[str, Row]:
    """Ranks of four cities by the press: means 60 and 61, far below them 40, and a total of 10 alone."""
    rows = [in_print(TOTAL_ALONE, PEERS_IN, "10")]
    for sector, uneven in zip(SECTORS, UNEVEN_SECTORS, strict=True):
        rows += [
            in_print(UNEVEN, PEERS_IN, uneven, sector),
            in_print(EVEN, PEERS_IN, "61", sector),
            in_print(LAST, PEERS_IN, "40", sector),
        ]
    work_file = build_marts(rows, models=["mart_rank_stability"])
    return {row["region_code"]: row for row in query("from marts.mart_rank_stability", work_file)}


def test_the_rank_range_is_that_of_every_weighting(stability: dict[str, Row]) -> None:
    # 62 without a sector of 50; (360 + 25) / 6.25 = 61.6 with a heavier first sector
    found = stability[UNEVEN]
    assert (found["rank_national"], found["rank_best"], found["rank_worst"]) == (2, 1, 2)
    assert (found["best_scenario"], found["worst_scenario"]) == (f"without:{SECTORS[1]}", "official")
    assert (stability[EVEN]["rank_best"], stability[EVEN]["rank_worst"]) == (1, 2)
    assert (stability[LAST]["rank_best"], stability[LAST]["rank_worst"]) == (3, 3)


def test_an_index_is_computed_anew_where_its_parts_are_known(stability: dict[str, Row]) -> None:
    assert stability[UNEVEN]["n_scenarios"] == 18
    assert stability[TOTAL_ALONE]["n_scenarios"] == 0
    assert stability["64.08"]["rank_best"] is None


def test_a_quarter_of_the_weightings_makes_a_tie(stability: dict[str, Row]) -> None:
    # overtaken in four weightings without a sector and one with a heavier one: 5 of 20
    tied = {region: stability[region]["is_tied"] for region in (EVEN, UNEVEN, LAST, TOTAL_ALONE)}
    assert tied == {EVEN: True, UNEVEN: True, LAST: False, TOTAL_ALONE: False}
    assert (stability[EVEN]["is_tied_above"], stability[EVEN]["is_tied_below"]) == (False, True)
    assert (stability[UNEVEN]["is_tied_above"], stability[UNEVEN]["is_tied_below"]) == (True, False)


# --- the end of the year ------------------------------------------------------------------------------------

OWN_PACE, NO_PAST, WENT_DOWN, FULL_SPEED, SHORT = "64.71", "64.72", "64.74", "61.71", "61.72"
EARLIER = {
    "2023-Q2": [in_print(OWN_PACE, "2023-Q2", "40"), in_print(WENT_DOWN, "2023-Q2", "50")],
    "2023-Q4": [
        in_print(OWN_PACE, "2023-Q4", "80"),
        in_print(WENT_DOWN, "2023-Q4", "40"),
        in_print(FULL_SPEED, "2023-Q4", "90"),
    ],
    "2024-Q2": [
        in_print(OWN_PACE, "2024-Q2", "30"),
        in_print(NO_PAST, "2024-Q2", "33.333333"),
        in_print(WENT_DOWN, "2024-Q2", "20"),
        in_print(FULL_SPEED, "2024-Q2", "50"),
        *reported(SHORT, "2024-Q2", 1000, 700),
    ],
}


def projections(settings: Settings) -> dict[tuple[str, str], Row]:
    """The projections of the current release by region and period."""
    rows = published(settings, "mart_projection")
    found = {(row["region_code"], row["period"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_year_ends_at_the_regions_own_pace_or_else_evenly_and_a_late_year_end_moves_it(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path)
    for period in ("2023-Q2", "2024-Q2"):
        put(tmp_path / "inbox" / f"{period}.csv", document(EARLIER[period]))
    publish_periods(settings, ["2023-Q2", "2024-Q2"])
    before = projections(settings)[OWN_PACE, "2024-Q2"]
    assert (before["pace_basis"], before["projected_index"]) == ("linear", 60)
    people = projections(settings)[SHORT, "2024-Q2"]["recipients_to_next_band"]
    # the year end of 2023 comes in a run of its own, which does not build 2024
    put(tmp_path / "inbox" / "2023-Q4.csv", document(EARLIER["2023-Q4"]))
    publish_periods(settings, ["2023-Q4"])
    found = projections(settings)
    own = found[OWN_PACE, "2024-Q2"]
    # half of the year end was there by the second quarter of 2023: 30 / (40 / 80)
    assert (own["pace_basis"], own["pace_years"], own["year_end_share"]) == ("own", 1, Decimal("0.5"))
    assert (own["projected_index"], own["projected_band_code"], own["is_on_track"]) == (60, "muda", False)
    linear = found[NO_PAST, "2024-Q2"]
    assert (linear["pace_basis"], linear["projected_index"]) == ("linear", Decimal("66.666666"))
    # a year end below its quarter is no pace downwards
    assert (found[WENT_DOWN, "2024-Q2"]["projected_index"], found[WENT_DOWN, "2024-Q2"]["pace_basis"]) == (
        20,
        "own",
    )
    full = found[FULL_SPEED, "2024-Q2"]
    assert (full["pace_basis"], full["projected_index"], full["is_on_track"]) == ("linear", 100, True)
    ended = found[FULL_SPEED, "2023-Q4"]
    assert (ended["pace_basis"], ended["projected_index"], ended["next_band_code"]) == (
        "year_end",
        90,
        "paripurna",
    )
    # carried over from the release before
    assert found[SHORT, "2024-Q2"]["recipients_to_next_band"] == people == 600


def test_the_band_is_reached_where_a_recipient_counts_most_and_by_no_more_than_needed(tmp_path: Path) -> None:
    # index 0.8 x 70 = 56, 4 short of 60. A service of a sector of two adds 0.8 x 30 / 12 = 2 with its 300
    rows = [*reported("64.71", PEERS_IN, 1000, 700), *reported("64.72", PEERS_IN, 1000, 701)]
    # 0.8 x 9.9 = 7.92 of 60 is out of reach in the one service that has recipients to count
    rows += [*reported("64.74", PEERS_IN, 100, 10, "persen")]
    found = {
        row["region_code"]: (row["recipients_to_next_band"], row["services_to_next_band"])
        for row in query("from marts.mart_projection", build_marts(rows, models=["mart_projection"]))
    }
    # 64.72: 56.08, and 3.92 are left: 299 in the first, of the second 1.92666.. / 0.00666.. = 289
    assert found["64.71"] == (600, 2)
    assert found["64.72"] == (299 + 289, 2)
    assert found["64.74"] == (None, None)
    assert found["61.71"] == (None, None)


# --- a set of made-up reports, worked out anew --------------------------------------------------------------

MADE_UP = ("2023-Q2", "2023-Q3", "2023-Q4", "2024-Q2")
REGIONS = 130


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work file with the marts of 130 regions over the country in four quarters, errors and all."""
    folder = tmp_path_factory.mktemp("made_up")
    periods = tuple(parse_range(period)[0] for period in MADE_UP)
    write_sample(folder / "set", periods, REGIONS, "csv", 2, 5, 0.05, [])
    settings = Settings(folder / "home", folder / "set" / "sources.yaml", threads=2, workers=2)
    take_in(settings, MADE_UP)
    return build_periods(
        settings, MADE_UP, models=["fct_indicator", "mart_peer", "mart_rank_stability", "mart_projection"]
    )


def test_every_median_of_peers_is_the_median_of_their_indexes(made_up: Path) -> None:
    rows = query("from marts.mart_peer", made_up)
    index = {(row["region_code"], row["period"], row["sector_code"]): row["index"] for row in rows}
    tried = 0
    for row in rows:
        codes = row["peers"].split(", ") if row["peers"] else []
        theirs = [index[code, row["period"], row["sector_code"]] for code in codes]
        known = [value for value in theirs if value is not None]
        assert row["n_peers"] == len(known)
        if len(known) >= 3:
            # of stored indexes, each half a millionth from the exact one at most
            assert abs(row["peer_median"] - statistics.median(known)) <= Decimal("0.000001"), row
            tried += 1
        else:
            assert row["peer_median"] is None
    assert tried > 2500


def test_peers_are_the_nearest_by_size_of_those_that_may_be_peers(made_up: Path) -> None:
    regions = query(
        "select peers.*, scores.is_ranked from marts.mart_peer as peers"
        " inner join marts.mart_region_score as scores using (region_code, period)"
        " where peers.sector_code is null",
        made_up,
    )
    seen = set()
    for own in regions:
        size = own["target_population"]
        others = [
            other
            for other in regions
            if other["is_ranked"] and other["level"] == own["level"] and other["period"] == own["period"]
            if other["region_code"] != own["region_code"]
        ]
        near = [other for other in others if other["island_group"] == own["island_group"]]
        alike = [
            other
            for other in others
            if size
            and other["target_population"]
            and max(size, other["target_population"]) <= 3 * min(size, other["target_population"])
        ]
        both = [other for other in alike if other in near]
        tries = (("islands_and_size", both), ("size", alike), ("islands", near))
        basis, chosen = next(((name, found) for name, found in tries if len(found) >= 3), (None, []))
        if basis in ("islands_and_size", "size"):
            chosen = sorted(
                chosen,
                key=lambda other: (_unlikeness(size, other["target_population"]), other["region_code"]),
            )
            chosen = chosen[:10]
        codes = ", ".join(sorted(other["region_code"] for other in chosen)) or None
        assert (own["peer_basis"], own["peers"]) == (basis, codes), own
        seen.add(basis)
    assert seen >= {"islands_and_size", "size", "islands"}


def _unlikeness(one: int, other: int) -> Fraction:
    return Fraction(max(one, other), min(one, other))


def test_every_rank_range_is_that_of_indexes_worked_out_anew(made_up: Path) -> None:
    # of an index of the press the parts are its sectors, which have no recipients and no quality
    parts = query(
        "select region_code, period, sector_code, status, recipients_points, quality_points, index_points"
        " from intermediate.int_scores__services where is_region_reporting union all"
        " select region_code, period, sector_code, 'published', null, null, index_points"
        " from intermediate.int_scores__sectors where basis = 'published'",
        made_up,
    )
    regions = query("from intermediate.int_scores__regions where is_ranked", made_up)
    by_region = defaultdict(list)
    for part in parts:
        by_region[part["region_code"], part["period"]].append(part)
    weightings: list[tuple[Fraction, str | None, Fraction]] = [
        (Fraction(share, 10), None, Fraction(1)) for share in (8, 7, 9)
    ]
    weightings += [
        (Fraction(8, 10), code, by)
        for code in SECTORS
        for by in (Fraction(0), Fraction(3, 4), Fraction(5, 4))
    ]
    stands = {
        (row["region_code"], row["period"]): row for row in query("from marts.mart_rank_stability", made_up)
    }
    groups = defaultdict(list)
    for region in regions:
        groups[region["period"], region["level"]].append(region["region_code"])
    total = {(row["region_code"], row["period"]): row["index_settled"] for row in regions}
    basis = {(row["region_code"], row["period"]): row["basis"] for row in regions}
    tried = {"submitted": 0, "published": 0}
    for (period, _), codes in groups.items():
        ranks = defaultdict(list)
        for weighting in weightings:
            value = {
                code: _index(by_region[code, period], *weighting)
                if by_region[code, period]
                else total[code, period]
                for code in codes
            }
            for code in codes:
                ranks[code].append(1 + sum(value[other] > value[code] for other in codes))
        for code in codes:
            found = stands[code, period]
            assert (found["rank_best"], found["rank_worst"]) == (min(ranks[code]), max(ranks[code])), (
                code,
                period,
            )
            computed = (
                {"submitted": 20, "published": 18}[basis[code, period]] if by_region[code, period] else 0
            )
            assert (found["rank_national"], found["n_scenarios"]) == (ranks[code][0], computed)
            tried[basis[code, period]] += found["rank_best"] < found["rank_worst"]
    # figures of the press have no rank beside submissions; the four cities above have no other
    assert tried["submitted"] > 200


def _index(services: list[Row], share: Fraction, sector: str | None, weight: Fraction) -> Fraction:
    """The index with ``share`` for recipients and ``weight`` for a sector, to 15 decimals as it is ranked."""
    of_sector = defaultdict(list)
    for one in services:
        points = one["index_points"]
        if points is not None and one["status"] != "missing" and one["quality_points"] is not None:
            points = share * one["recipients_points"] + (1 - share) * one["quality_points"]
        if points is not None:
            of_sector[one["sector_code"]].append(Fraction(points))
    weights = {code: weight if code == sector else Fraction(1) for code in of_sector}
    means = {code: sum(found) / len(found) for code, found in of_sector.items()}
    total = sum(weights[code] * means[code] for code in means) / sum(weights.values())
    return Fraction(math.floor((total + 10) / 10**12))


def test_every_projection_is_the_index_over_the_share_of_earlier_year_ends(made_up: Path) -> None:
    rows = query("from marts.mart_projection", made_up)
    index = {(row["current_region_code"], row["period"]): row["index"] for row in rows}
    bases: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["index"] is None:
            assert (row["projected_index"], row["pace_basis"]) == (None, None)
            continue
        year, quarter = int(row["period"][:4]), int(row["period"][-1])
        same = index.get((row["current_region_code"], f"{year - 1}-Q{quarter}"))
        end = index.get((row["current_region_code"], f"{year - 1}-Q4"))
        share = Fraction(quarter, 4)
        if quarter < 4 and same and end is not None:
            share = min(Fraction(same) / Fraction(end), Fraction(1)) if end else Fraction(1)
        expected = min(Fraction(row["index"]) / share, Fraction(100))
        assert abs(Fraction(row["projected_index"]) - expected) <= Fraction(1, 10**6), row
        assert row["projected_index"] >= row["index"]
        bases[row["pace_basis"]] += 1
    assert bases["own"] > 50
    assert bases["linear"] > 50
    assert bases["year_end"] > 50


def test_the_recipients_to_the_next_band_are_enough_and_one_fewer_is_not(made_up: Path) -> None:
    rows = query(
        "select projected.region_code, projected.period, projected.recipients_to_next_band as people,"
        " projected.index, projected.gap_to_next_band as gap from marts.mart_projection as projected"
        " where projected.recipients_to_next_band is not null",
        made_up,
    )
    services = query(
        "select scores.*, facts.target, facts.realised, facts.is_doubtful"
        " from intermediate.int_scores__services as scores"
        " left join marts.fct_indicator as facts on scores.region_code = facts.region_code"
        " and scores.period = facts.period and scores.service_code = facts.service_code"
        " and facts.component = 'recipients' where scores.index_points is not null",
        made_up,
    )
    by_region = defaultdict(list)
    for service in services:
        by_region[service["region_code"], service["period"]].append(service)
    assert len(rows) > 200
    for row in rows:
        gain = _gains(by_region[row["region_code"], row["period"]])
        slack = Fraction(1, 10**6)  # the gap is stored with six decimals
        assert _reached(gain, row["people"]) >= Fraction(row["gap"]) - slack, row
        assert _reached(gain, row["people"] - 1) < Fraction(row["gap"]) + slack, row


def _gains(services: list[Row]) -> list[tuple[Fraction, int]]:
    """What one recipient more adds to the region's index, and how many are left, for each service.

    Who is left to serve is not known where the numbers are doubtful.
    """
    of_sector: dict[str, int] = defaultdict(int)
    for one in services:
        of_sector[one["sector_code"]] += 1
    gains = []
    for one in services:
        is_known = one["status"] == "reported" and one["target"] and not one["is_doubtful"]
        if is_known and one["realised"] < one["target"]:
            weight = Fraction(1 if one["quality_points"] is None else Fraction(8, 10))
            parts = of_sector[one["sector_code"]] * len(of_sector)
            gains.append(
                (100 * weight / Fraction(one["target"]) / parts, int(one["target"] - one["realised"]))
            )
    return sorted(gains, reverse=True)


def _reached(gains: list[tuple[Fraction, int]], people: int) -> Fraction:
    """The most points that so many recipients more can add."""
    total = Fraction(0)
    for each, left in gains:
        served = min(left, people)
        total += each * served
        people -= served
    return total
