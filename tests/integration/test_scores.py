"""Every number of the score marts is that of the second scorer, which knows the rule and not the SQL.

The scorer computes in fractions; the marts must store its numbers to the last of six decimals, its bands,
its ranks and its ties, under the method as it stands and under every policy that a method row can name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from tests.integration.home import SEEDS, Row, build_marts, query
from tests.random_submissions import HANDFUL, random_submissions
from tests.second_scorer import BAND_BOUNDS, METHOD, Scores, score, stored

DRAWN = {f"{2021 + n // 4}-Q{n % 4 + 1}": (7000 + n, 8000 + n) for n in range(12)}
"""Two seeds a period, the first for HANDFUL and the second for OTHERS: one build judges them all."""
OTHERS = (
    *("12", "35", "61", "81"),
    *("12.07", "35.07", "35.08", "61.01", "61.02", "81.01"),
    *("12.71", "35.73", "35.78", "61.71", "81.71"),
)

POLICIES: dict[str, dict[str, Any]] = {
    "2021-Q1": {"cap": False},
    "2021-Q2": {"quality_mean": "pooled"},
    "2021-Q3": {"zero_target": "full"},
    "2021-Q4": {"zero_target": "zero"},
    "2022-Q1": {"missing": "exclude"},
    "2022-Q2": {"national_over": "expected", "min_coverage_for_band": Fraction(1, 50)},
    "2022-Q3": {"min_completeness_to_rank": Fraction(0), "recipients_pool": "mean"},
    "2022-Q4": {"min_completeness_to_rank": Fraction(1), "missing_item": "zero"},
    "2023-Q1": {"quality_mean": "pooled", "cap": False, "recipients_pool": "mean"},
    "2023-Q2": {"quality_mean": "pooled", "missing": "exclude", "missing_item": "zero"},
    "2023-Q3": {"quality_mean": "pooled", "zero_target": "full"},
    "2023-Q4": {
        "zero_target": "zero",
        "missing": "exclude",
        "missing_item": "zero",
        "national_over": "expected",
    },
}
"""A method of its own for each of these periods: the row of the method decides, nothing else."""

Key = tuple[str, ...]
Table = dict[Key, Row]


# --- what the second scorer says, as the marts would store it ---------------------------------------------


def _six(value: Fraction | None) -> Any:
    return None if value is None else stored(value)


def _band(index: Fraction | None) -> str | None:
    codes = ("belum_tuntas", "muda", "pratama", "madya", "utama", "paripurna")
    return None if index is None else codes[sum(index >= bound for bound in BAND_BOUNDS)]


def _gap(index: Fraction | None) -> Any:
    above = [bound for bound in BAND_BOUNDS if index is not None and index < bound]
    return above[0] - stored(index) if above and index is not None else None


def _sector_basis(of_region: str | None, index: Fraction | None) -> str | None:
    """Parts may be published of a region that has no index; a total may be published without parts."""
    return "submitted" if of_region == "submitted" else None if index is None else "published"


def _services(scores: Scores) -> Table:
    return {
        key: {
            "recipients_index": _six(one.recipients_index),
            "quality_index": _six(one.quality_index),
            "index": _six(one.index),
            "index_reported": _six(one.index_reported),
            "status": one.status,
            "items_owed": one.items_owed,
            "items_reported": one.items_reported,
        }
        for key, one in scores.services.items()
    }


def _sectors(scores: Scores) -> Table:
    return {
        (region, sector): {
            "index": _six(one.index),
            "index_reported": _six(one.index_reported),
            "services_owed": one.services_owed,
            "services_reported": one.services_reported,
            "basis": _sector_basis(scores.regions[region].basis, one.index),
        }
        for (region, sector), one in scores.sectors.items()
    }


def _regions(scores: Scores) -> Table:
    counted = (
        "is_interim",
        "is_ranked",
        "rank_national",
        "n_national",
        "rank_province",
        "n_province",
        "tie_size",
    )
    return {
        (code,): {
            "index": _six(one.index),
            "index_reported": _six(one.index_reported),
            "index_display": None if one.index is None else stored(one.index, 2),
            "band_code": one.band_code,
            "completeness": _six(one.completeness),
            "items_owed": one.items_owed,
            "items_reported": one.items_reported,
            "basis": one.basis,
            "gap_to_next_band": _gap(one.index),
            **{name: getattr(one, name) for name in counted},
        }
        for code, one in scores.regions.items()
    }


def _national(scores: Scores) -> Table:
    return {
        (scope,): {
            "index": _six(one.index),
            "band_code": _band(one.index) if one.has_band else None,
            "regions_expected": one.regions_expected,
            "regions_reported": one.regions_reported,
            "regions_with_index": one.regions_with_index,
            "regions_from_press": one.regions_from_press,
            "coverage": _six(one.coverage),
        }
        for scope, one in scores.national.items()
    }


MARTS: dict[str, tuple[Key, Callable[[Scores], Table]]] = {
    "mart_service_score": (("region_code", "service_code"), _services),
    "mart_sector_score": (("region_code", "sector_code"), _sectors),
    "mart_region_score": (("region_code",), _regions),
    "mart_national_score": (("scope",), _national),
}


def _differences(work_file: Path, period: str, scores: Scores) -> list[str]:
    """A line for each number that is not the scorer's, and for each row that only one of the two has."""
    found = []
    for mart, (key, say) in MARTS.items():
        expected = say(scores)
        rows = query(f"select * from marts.{mart} where period = $period", work_file, period=period)
        stands = {tuple(row[name] for name in key): row for row in rows}
        assert len(stands) == len(rows) > 0
        found += [f"{mart} {odd}: only on one side" for odd in stands.keys() ^ expected.keys()]
        found += [
            f"{mart} {at} {name}: {stands[at][name]} stands, {value} is right"
            for at, values in expected.items()
            for name, value in values.items()
            if at in stands and stands[at][name] != value
        ]
    return found


# --- random submissions -------------------------------------------------------------------------------------


@cache
def _drawn(period: str) -> list[dict[str, str]]:
    first, second = DRAWN[period]
    drawn = random_submissions(first, period, SEEDS)
    drawn += random_submissions(second, period, SEEDS, OTHERS)
    # far above the target: without the cap an index of six digits; _let_stand says that nothing is swapped
    return [*drawn, *_submitted("72.71", lambda *_: ("1", "200000"), period)]


@cache
def _by_default(period: str) -> Scores:
    return score(_drawn(period), period, SEEDS)


@pytest.fixture(scope="module")
def default_build() -> Path:
    rows = [row for period in DRAWN for row in _drawn(period)]
    return build_marts([*rows, *_hand_made()], models=[*MARTS])


@pytest.fixture(scope="module")
def policy_build() -> Path:
    rows = [row for period in POLICIES for row in _drawn(period)]
    return build_marts(rows, _a_method_a_period, models=[*MARTS])


def _a_method_a_period(connection: duckdb.DuckDBPyConnection) -> None:
    """Give each period of POLICIES a method of its own: the row of the law, with the policies set."""
    for period, policies in POLICIES.items():
        version = {"method_version": f"m-{period}"}
        valid = {"valid_from_period": period, "valid_to_period": period}
        _copy(connection, "methods", version | valid | policies)
        _copy(connection, "bands", version)
    connection.execute("delete from registry.methods where method_version = $method", {"method": METHOD})


def _copy(connection: duckdb.DuckDBPyConnection, seed: str, values: Mapping[str, Any]) -> None:
    replaced = ", ".join(f"${name} as {name}" for name in values)
    connection.execute(
        f"insert into registry.{seed} by name select * replace ({replaced}) from registry.{seed}"
        " where method_version = $method",
        {"method": METHOD}
        | {name: float(value) if isinstance(value, Fraction) else value for name, value in values.items()},
    )


@pytest.mark.parametrize("period", DRAWN)
def test_every_number_is_that_of_the_second_scorer(default_build: Path, period: str) -> None:
    wrong = _differences(default_build, period, _by_default(period))
    assert not wrong, f"seeds {DRAWN[period]}, {period}: {len(wrong)} differ\n" + "\n".join(wrong[:12])


@pytest.mark.parametrize(
    ("period", "policies"),
    [
        pytest.param(period, policies, id=",".join(f"{name}={value}" for name, value in policies.items()))
        for period, policies in POLICIES.items()
    ],
)
def test_the_row_of_the_method_decides(policy_build: Path, period: str, policies: Mapping[str, Any]) -> None:
    scores = score(_drawn(period), period, SEEDS, policies)
    assert scores != _by_default(period), "these rows do not try the policy; draw others"
    wrong = _differences(policy_build, period, scores)
    said = f"seeds {DRAWN[period]}, {period}, {policies}: {len(wrong)} differ\n"
    assert not wrong, said + "\n".join(wrong[:12])


def test_a_change_is_the_difference_of_two_stored_indexes(default_build: Path) -> None:
    rows = query(
        "select * from marts.mart_region_score where period <= $last", default_build, last=max(DRAWN)
    )
    index = {(row["region_code"], row["period"]): row["index"] for row in rows}
    periods = list(DRAWN)
    tried = 0
    for row in rows:
        if row["region_code"] in {*HANDFUL, *OTHERS}:
            at = periods.index(row["period"])
            for column, back in (("change_from_previous_period", 1), ("change_from_previous_year", 4)):
                before = index[row["region_code"], periods[at - back]] if at >= back else None
                change = None if before is None or row["index"] is None else row["index"] - before
                assert row[column] == change, (row["region_code"], row["period"], column)
                tried += change is not None
    assert tried > 200


# --- cases made by hand, with the answer beside them --------------------------------------------------------

BY_HAND = "2025-Q1"
ALMOST_ALL = ("1000000000", "999999999")


def _submitted(
    region: str, ratio: Callable[[str, int], tuple[str, str]], period: str = BY_HAND
) -> Iterator[dict[str, str]]:
    """Recipients and one quality item of every service, at the (target, realised) of its sector and place."""
    place: dict[str, int] = {}
    for owed in services_owed("regency_city", Period.parse(period)):
        place[owed.sector_code] = place.get(owed.sector_code, -1) + 1
        target, realised = ratio(owed.sector_code, place[owed.sector_code])
        row = {"record": "achievement", "region": region, "period": period, "sector": owed.sector_code}
        row |= {"service": owed.service_code, "target": target, "realised": realised}
        yield row | {"component": "recipients"}
        yield row | {"component": "personnel", "item": "Petugas"}


def _published(region: str, index: str) -> dict[str, str]:
    return {"record": "published_index", "region": region, "period": BY_HAND, "realised": index}


def _only_budget(region: str) -> Iterator[dict[str, str]]:
    for owed in services_owed("regency_city", Period.parse(BY_HAND)):
        row = {"record": "budget", "region": region, "period": BY_HAND, "sector": owed.sector_code}
        yield row | {"service": owed.service_code, "target": "1000000", "realised": "900000"}


def _public_works(*ratios: tuple[str, str]) -> Callable[[str, int], tuple[str, str]]:
    """The two services of public works as given, all else at 62 %."""
    return lambda sector, place: ratios[place] if sector == "pekerjaan_umum" else ("50", "31")


def _hand_made() -> list[dict[str, str]]:
    return [
        _published("32.73", "99.9999999"),
        *_submitted("32.71", lambda *_: ALMOST_ALL),
        *_submitted("11.71", _public_works(("3", "1"), ("3", "2"))),
        *_submitted("73.71", _public_works(("2", "1"), ("999999998", "499999999"))),
        _published("64.71", "89.9950"),
        _published("64.72", "84.9950"),
        *_submitted(
            "12.71", lambda sector, place: ("2", "5") if (sector, place) == ("sosial", 0) else ("2", "1")
        ),
        *_submitted("14.71", lambda sector, _: ("0", "0") if sector == "kesehatan" else ("2", "1")),
        *_submitted("13.71", lambda *_: ("0", "3")),
        *_only_budget("32.72"),
    ]


WORKED_OUT = {
    # region: index, shown, band, basis, completeness, rank of 5, tie size; the press is beside them, unranked
    "32.73": ("99.999999", "99.99", "utama", "published", None, None, None),
    "32.71": ("99.999999", "99.99", "utama", "submitted", 1, 1, 1),
    # half up would show 90.00, which it is not; nothing stops 84.995
    "64.71": ("89.995", "89.99", "madya", "published", None, None, None),
    "64.72": ("84.995", "85.00", "madya", "published", None, None, None),
    # 1/3 + 2/3 is 1/2 + 1/2, and both are just 60: (5 * 62 + 50) / 6
    "11.71": ("60", "60.00", "muda", "submitted", 1, 2, 2),
    "73.71": ("60", "60.00", "muda", "submitted", 1, 2, 2),
    # of five social services one at 250 % counts as 100, four at 50: 60; the other sectors 50
    "12.71": ("51.666667", "51.67", "belum_tuntas", "submitted", 1, 4, 1),
    # health is owed to nobody and leaves the mean; then nothing is owed to anybody
    "14.71": ("50", "50.00", "belum_tuntas", "submitted", 1, 5, 1),
    "13.71": (None, None, None, "submitted", 1, None, None),
    # a budget is a report, so what was not said of the services counts as 0
    "32.72": ("0", "0.00", "belum_tuntas", "submitted", 0, None, None),
}


@pytest.mark.parametrize("region", WORKED_OUT)
def test_a_case_made_by_hand_comes_out_as_worked_out(default_build: Path, region: str) -> None:
    index, shown, *others = WORKED_OUT[region]
    columns = "index, index_display, band_code, basis, completeness, rank_national, tie_size, n_national"
    found = query(
        f"select {columns} from marts.mart_region_score where period = $period and region_code = $region",
        default_build,
        period=BY_HAND,
        region=region,
    )
    numbers = [None if text is None else Decimal(text) for text in (index, shown)]
    assert [list(row.values()) for row in found] == [[*numbers, *others, 5]]
