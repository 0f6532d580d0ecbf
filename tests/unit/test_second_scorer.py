"""The second scorer says what a person with pencil and paper says; each figure is worked out beside it."""

from __future__ import annotations

import csv
import random
import re
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.random_submissions import HANDFUL, KINDS, Row, random_submissions, rows_of, submissions
from tests.second_scorer import (
    BAND_BOUNDS,
    CHOICES,
    Scores,
    UnknownPolicyError,
    UnscorableRowError,
    score,
    stored,
)

ROOT = Path(__file__).parents[2]
REGISTRY = ROOT / "dbt_project" / "seeds"
CASES = ROOT / "tests" / "fixtures" / "cases"
PERIOD = "2024-Q4"
BALIKPAPAN, SAMARINDA, KUTIM, KALTIM, JABAR = "64.71", "64.72", "64.08", "64", "32"
CODES = {
    **{"Kota Mojokerto": "35.76", "Kabupaten Sidenreng Rappang": "73.14", "Kota Kotamobagu": "71.74"},
    **{"Kota Palangkaraya": "62.71", "Kota Palangka Raya": "62.71", "Kabupaten Kotawaringin Barat": "62.01"},
    **{"Kabupaten Lamandau": "62.09", "Kab. Lamandau": "62.09", "Kabupaten Bone Bolango": "75.03"},
    **{"Kabupaten Minahasa": "71.02", "Kabupaten Minahasa Tenggara": "71.07"},
    **{"Sulawesi Selatan": "73", "Kalimantan Tengah": "62", "Jawa Tengah": "33"},
}


def achievement(service: str, component: str, target: Any, realised: Any, item: str = "") -> Row:
    row = {"record": "achievement", "region": BALIKPAPAN, "period": PERIOD, "sector": "", "service": service}
    return row | {"component": component, "item": item, "target": target, "realised": realised}


def published(region: str, sector: str, realised: str) -> Row:
    row = {"record": "published_index", "region": region, "period": PERIOD, "sector": sector}
    return row | {"realised": realised}


def all_services(region: str, target: str, realised: str, count: int = 99) -> list[Row]:
    """Each of the first ``count`` services the region owes, recipients and one quality item at one ratio."""
    tier = "province" if len(region) == 2 else "regency_city"
    with (REGISTRY / "services.csv").open(encoding="utf-8") as file:
        owed = [row["service_code"] for row in csv.DictReader(file) if row["tier"] == tier][:count]
    return [
        achievement(service, component, target, realised) | {"region": region}
        for service in owed
        for component in ("recipients", "personnel")
    ]


def result(rows: list[Row], **policies: Any) -> Scores:
    return score(rows, PERIOD, REGISTRY, policies)


# Drinking water of Kota Balikpapan: recipients 3 of 4; quality items 1 of 2, and 5 where 4 were needed.
WATER = [
    achievement("K-PU-01", "recipients", "4", "3"),
    achievement("K-PU-01", "goods_services", "2", "1", item="pipa"),
    achievement("K-PU-01", "personnel", "4", "5", item="petugas"),
]


@pytest.mark.parametrize(
    ("policies", "quality", "index"),
    [
        # A = 75. B = (50 + 100) / 2 = 75; I = 60 + 15
        pytest.param({}, F(75), F(75), id="overshoot-counts-as-full"),
        # B = (50 + 125) / 2 = 87.5; I = 60 + 17.5
        pytest.param({"cap": False}, F(175, 2), F(155, 2), id="no-cap"),
        # B = 100 * min(6 / 6, 1) = 100; I = 60 + 20
        pytest.param({"quality_mean": "pooled"}, F(100), F(80), id="pooled"),
    ],
)
def test_a_service_is_four_fifths_recipients_and_one_fifth_quality(policies, quality, index):
    water = result(WATER, **policies).services[BALIKPAPAN, "K-PU-01"]
    assert (water.recipients_index, water.quality_index, water.index) == (F(75), quality, index)
    assert water.status == "reported"


@pytest.mark.parametrize(
    ("policies", "water", "index"),
    [
        # one service of 75, 28 count 0: public works (75 + 0) / 2 = 37.5, the region 37.5 / 6 = 6.25
        pytest.param({"missing": "zero"}, F(75, 2), F(25, 4), id="zero"),
        # the other 28 and the five sectors without any leave their means
        pytest.param({"missing": "exclude"}, F(75), F(75), id="exclude"),
    ],
)
def test_what_is_owed_and_did_not_come_counts_as_the_policy_says(policies, water, index):
    scores = result(WATER, **policies)
    sector, region = scores.sectors[BALIKPAPAN, "pekerjaan_umum"], scores.regions[BALIKPAPAN]
    assert (sector.index, sector.index_reported) == (water, F(75))
    assert (sector.services_owed, sector.services_reported) == (2, 1)
    assert (region.index, region.index_reported) == (index, F(75))
    assert (region.completeness, region.is_ranked, region.basis) == (F(1, 29), False, "submitted")


@pytest.mark.parametrize(
    ("target", "realised", "status"),
    [
        pytest.param("4", "0", "reported", id="a-zero-is-reported"),
        pytest.param("4", "na", "missing", id="realised-na"),
        pytest.param("", "3", "missing", id="no-target"),
        pytest.param("0", "-", "not_applicable", id="nobody-was-owed"),
        pytest.param("Tidak ada", "", "not_applicable", id="says-tidak-ada"),
    ],
)
def test_zero_missing_and_not_applicable_stay_apart(target, realised, status):
    rows = [achievement("K-PU-01", "recipients", target, realised)]
    scores = result(rows)
    assert scores.services[BALIKPAPAN, "K-PU-01"].status == status
    # of 29 owed one is settled, or none
    assert scores.regions[BALIKPAPAN].completeness == F(int(status != "missing"), 29)
    # without any reported service there is an index (of zeros), and nothing reported to show beside it
    assert scores.regions[BALIKPAPAN].index == 0
    assert scores.regions[BALIKPAPAN].index_reported == (0 if status == "reported" else None)


@pytest.mark.parametrize(
    ("policy", "water", "sector"),
    [
        # the service leaves the sector: (50) / 1
        pytest.param("not_applicable", None, F(50), id="leaves"),
        # A = 100, B = 100: (100 + 50) / 2
        pytest.param("full", F(100), F(75), id="full"),
        # A = 0, B = 100 (its item is 2 of 2): I = 20, (20 + 50) / 2
        pytest.param("zero", F(20), F(35), id="zero"),
    ],
)
def test_a_service_that_nobody_was_owed_counts_as_the_policy_says(policy, water, sector):
    rows = [
        achievement("K-PU-01", "recipients", "0", "0"),
        achievement("K-PU-01", "personnel", "2", "2"),
        achievement("K-PU-02", "recipients", "2", "1"),
        achievement("K-PU-02", "personnel", "2", "1"),
    ]
    scores = result(rows, zero_target=policy)
    assert scores.services[BALIKPAPAN, "K-PU-01"].index == water
    assert scores.sectors[BALIKPAPAN, "pekerjaan_umum"].index == sector


NA, OF_0, HALF = ("4", "na"), ("0", "3"), ("4", "2")


@pytest.mark.parametrize(
    ("items", "policies", "quality", "index"),
    [  # A = 100 throughout, so I = 80 + B / 5, or 100 where B is left out
        pytest.param([], {}, F(0), F(80), id="no-items-count-0"),
        pytest.param([], {"missing": "exclude"}, None, F(100), id="no-items-left-out"),
        pytest.param([OF_0], {}, None, F(100), id="nothing-applicable"),
        pytest.param([OF_0], {"zero_target": "full"}, F(100), F(100), id="nothing-applicable-full"),
        pytest.param([OF_0], {"zero_target": "zero"}, F(0), F(80), id="nothing-applicable-zero"),
        pytest.param([NA, HALF], {}, F(50), F(90), id="an-item-that-is-not-known-leaves"),
        pytest.param([("4", ""), HALF], {}, F(50), F(90), id="an-item-left-blank-is-as-one-left-out"),
        pytest.param([("", "3"), HALF], {}, F(50), F(90), id="an-item-without-a-target-leaves"),
        pytest.param([NA], {}, F(0), F(80), id="only-items-that-are-not-known"),
        # the catalogue has three items of K-PU-01, and none of them is there: 50 / (1 + 3)
        pytest.param([NA, HALF], {"missing_item": "zero"}, F(25, 2), F(165, 2), id="missing-item-counts-0"),
        pytest.param([HALF], {"missing_item": "zero"}, F(25, 2), F(165, 2), id="left-out-item-counts-0"),
        pytest.param(
            *([], {"missing": "exclude", "missing_item": "zero"}, F(0), F(80)), id="no-items-count-0-as-items"
        ),
        pytest.param([OF_0, HALF], {}, F(50), F(90), id="not-applicable-item-leaves"),
        # 2 / 4, where the item that is not known leaves both sums
        pytest.param([NA, HALF, OF_0], {"quality_mean": "pooled"}, F(50), F(90), id="pooled"),
    ],
)
def test_quality_items_count_as_the_policies_say(items, policies, quality, index):
    rows = [achievement("K-PU-01", "recipients", "4", "4")]
    rows += [achievement("K-PU-01", "personnel", *pair, item=str(n)) for n, pair in enumerate(items)]
    water = result(rows, **policies).services[BALIKPAPAN, "K-PU-01"]
    assert (water.quality_index, water.index) == (quality, index)


PARTS = [("akses dasar", "14226", "13037"), ("SPALD-S", "11337", "3450"), ("SPALD-T", "21028", "9116")]
"""Sanitation of Kota Banjarmasin, 2020: 25603 of 46591 houses."""


@pytest.mark.parametrize(
    ("parts", "policies", "index"),
    [
        pytest.param(PARTS, {}, F(2560300, 46591), id="summed"),  # 54.952673
        pytest.param(PARTS, {"recipients_pool": "mean"}, F("55.141705"), id="mean-of-the-parts"),
        # 350 of 300 is all of them; each capped by itself it would be 250 of 300
        pytest.param([("a", "100", "50"), ("b", "200", "300")], {}, F(100), id="capped-after-summing"),
        # served without anybody owed: 25 of 100
        pytest.param([("a", "0", "5"), ("b", "100", "20")], {}, F(25), id="one-part-owed-to-nobody"),
        pytest.param([("a", "4", "na"), ("b", "4", "1")], {}, F(25), id="one-part-not-known"),
    ],
)
def test_recipients_in_parts_are_pooled(parts, policies, index):
    rows = [achievement("K-PU-02", "recipients", *values, item=item) for item, *values in parts]
    found = result(rows, **policies).services[BALIKPAPAN, "K-PU-02"].recipients_index
    assert abs(found - index) <= F(1, 2_000_000)


def test_people_and_households_are_not_added():
    rows = [
        achievement("K-PU-02", "recipients", "100", "50", item="a") | {"unit": "orang"},
        achievement("K-PU-02", "recipients", "10", "10", item="b") | {"unit": "rumah"},
    ]
    assert result(rows).services[BALIKPAPAN, "K-PU-02"].recipients_index == F(75)


def test_a_form_sent_back_as_it_was_handed_out_is_no_report():
    rows = [achievement("K-PU-01", "recipients", "4", "")]
    rows += [achievement("K-PU-01", "personnel", "", "", item="K-PU-01.02")]
    scores = result(rows)
    assert (scores.regions[BALIKPAPAN].basis, scores.regions[BALIKPAPAN].index) == (None, None)
    sent = [*WATER, achievement("K-PU-02", "recipients", "4", "")]
    assert result([*sent, *rows[1:]]).regions == result(WATER).regions


def test_a_third_and_two_thirds_tie_with_two_halves():
    kinds = {
        BALIKPAPAN: "tie_by_thirds",
        SAMARINDA: "tie_by_halves",
        KUTIM: "tie_by_halves",
        "32.73": "complete",
    }
    regions = result(rows_of(_rng(), kinds, PERIOD, REGISTRY)).regions
    # public works (1/3 + 2/3) / 2 = 50 in A and in B; five sectors of I = 80 + 10: (50 + 5 * 90) / 6
    assert {regions[code].index for code in (BALIKPAPAN, SAMARINDA, KUTIM)} == {F(250, 3)}
    # among cities Bandung is first of three, the two share 2; Kutai Timur is alone among the regencies,
    # and in the province (regencies and cities together) the three share 1
    places = {code: (regions[code].rank_national, regions[code].tie_size) for code in kinds}
    assert places == {"32.73": (1, 1), BALIKPAPAN: (2, 2), SAMARINDA: (2, 2), KUTIM: (1, 1)}
    assert {(regions[code].rank_province, regions[code].n_province) for code in list(kinds)[:3]} == {(1, 3)}
    assert regions[BALIKPAPAN].n_national == 3


def test_half_of_the_services_earn_a_rank_and_one_less_does_not():
    rows = [*all_services(KALTIM, "2", "1", count=7), *all_services(JABAR, "2", "2", count=6)]
    regions = result(rows).regions  # a province owes 14
    assert (regions[KALTIM].completeness, regions[KALTIM].rank_national, regions[KALTIM].n_national) == (
        F(1, 2),
        1,
        1,
    )
    assert (regions[JABAR].is_ranked, regions[JABAR].rank_national, regions[JABAR].tie_size) == (
        False,
        None,
        None,
    )
    assert result(rows, min_completeness_to_rank=F(6, 14)).regions[KALTIM].n_national == 2
    assert regions[KALTIM].rank_province is None


@pytest.mark.parametrize(
    ("over", "province", "regency_city", "national"),
    [
        # one of 38 provinces at 100; Balikpapan 50 and Kutai Timur 20 of 508: 35
        pytest.param("reported", F(100), F(35), F(135, 2), id="reported"),
        pytest.param("expected", F(100, 38), F(70, 508), (F(100, 38) + F(70, 508)) / 2, id="expected"),
    ],
)
def test_the_two_tiers_weigh_the_same_in_the_nation(over, province, regency_city, national):
    rows = all_services(KALTIM, "1", "1") + all_services(BALIKPAPAN, "2", "1") + all_services(KUTIM, "5", "1")
    scopes = result(rows, national_over=over).national
    assert (scopes["province"].index, scopes["regency_city"].index) == (province, regency_city)
    assert scopes["national"].index == scopes["sosial"].index == national
    assert (scopes["national"].regions_expected, scopes["national"].regions_reported) == (38 + 508, 3)


def test_a_nation_of_one_tier_is_that_tier():
    scopes = result(all_services(BALIKPAPAN, "2", "1")).national
    assert (scopes["national"].index, scopes["province"].index) == (F(50), None)


def test_a_region_with_an_index_but_no_such_sector_leaves_the_mean_of_the_sector():
    rows = [*all_services(BALIKPAPAN, "2", "1"), published(SAMARINDA, "", "80")]
    scopes = result(rows, national_over="expected").national
    # the total of Samarinda says nothing of its sectors: 50 among 507, but (50 + 80) among 508
    assert scopes["regency_city"].index == F(130, 508)
    assert scopes["sosial"].index == F(50, 507) / 2  # and 38 provinces at 0
    counted = [
        (scopes[scope].regions_reported, scopes[scope].regions_from_press)
        for scope in ("regency_city", "sosial")
    ]
    assert counted == [(1, 1), (1, 0)]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        # Papua Selatan, Tengah and Pegunungan: 25 July 2022; Papua Barat Daya: 8 December 2022
        pytest.param("2022-Q2", 34, id="before"),
        pytest.param("2022-Q3", 37, id="three-more"),
        pytest.param("2022-Q4", 38, id="one-more-within-the-quarter"),
    ],
)
def test_a_region_owes_a_report_when_it_is_there_on_the_last_day(period, expected):
    assert score([], period, REGISTRY).national["province"].regions_expected == expected


def test_who_sent_nothing_keeps_a_row_without_index_and_rank():
    silent = result(WATER).regions[SAMARINDA]
    assert (silent.index, silent.index_reported, silent.band_code, silent.basis) == (None, None, None, None)
    assert (silent.is_ranked, silent.rank_national, silent.completeness) == (False, None, None)


def test_nobody_owed_anything_gives_no_index_but_a_full_report():
    region = result(all_services(BALIKPAPAN, "0", "0")).regions[BALIKPAPAN]
    assert (region.index, region.completeness, region.is_ranked) == (None, F(1), False)


@pytest.mark.parametrize(
    "case", list(csv.DictReader((CASES / "expected.csv").open())), ids=lambda c: c["region_name"]
)
def test_published_figures_come_out_as_printed(case):
    with (ROOT / "spm_sample" / "published_figures" / "published_index.csv").open(encoding="utf-8") as file:
        rows = [row | {"region": _code(row["region"])} for row in csv.DictReader(file)]
    region = score(rows, case["period"], REGISTRY).regions[_code(case["region_name"])]
    assert abs(region.index - F(case["region_index"])) <= F(case["tolerance"])
    with (REGISTRY / "bands.csv").open(encoding="utf-8") as file:
        assert {row["band_code"]: row["name_id"] for row in csv.DictReader(file)}[region.band_code] == case[
            "band"
        ]
    assert (region.basis, region.completeness, region.is_ranked) == ("published", None, True)
    if match := re.search(r"rank (\d)", case["note"]):
        rank = region.rank_national if "tie" in case["note"] else region.rank_province
        assert rank == int(match[1])
    assert region.tie_size == (2 if region.index == 100 else 1)


SECTORS = ("pendidikan", "kesehatan", "pekerjaan_umum", "perumahan_rakyat", "trantibumlinmas", "sosial")


@pytest.mark.parametrize(
    ("parts", "total", "index"),
    [
        pytest.param(6, None, F(80), id="six-parts"),
        pytest.param(6, "86.43", F(80), id="parts-go-before-a-total"),
        pytest.param(5, None, None, id="five-parts-are-no-index"),
        pytest.param(5, "86.43", F(8643, 100), id="a-total-goes-before-five-parts"),
        pytest.param(0, "99.9999999", F("99.9999999"), id="a-total"),
    ],
)
def test_published_parts_and_totals_make_an_index(parts, total, index):
    rows = [published(BALIKPAPAN, sector, "80") for sector in SECTORS[:parts]]
    rows += [published(BALIKPAPAN, "", total)] if total else []
    assert result(rows).regions[BALIKPAPAN].index == index
    # with a submission present they only reconcile: the 6.25 of drinking water alone stays
    assert result(rows + WATER).regions[BALIKPAPAN].index == F(25, 4)


@pytest.mark.parametrize(
    ("x", "six", "two", "band"),
    [
        pytest.param("99.9999999", "99.999999", "99.99", "utama", id="below-100"),
        pytest.param("89.99999999", "89.999999", "89.99", "madya", id="below-90"),
        pytest.param("59.995", "59.995000", "59.99", "belum_tuntas", id="below-60"),
        pytest.param("60", "60.000000", "60.00", "muda", id="at-a-bound"),
        pytest.param("98.8650005", "98.865001", "98.87", "utama", id="half-goes-up"),
        pytest.param("100", "100.000000", "100.00", "paripurna", id="full"),
    ],
)
def test_no_rounding_reaches_a_band(x, six, two, band):
    assert (stored(F(x)), stored(F(x), 2)) == (Decimal(six), Decimal(two))
    assert result([published(BALIKPAPAN, "", x)]).regions[BALIKPAPAN].band_code == band


def test_the_bounds_that_rounding_respects_are_those_of_the_bands():
    with (REGISTRY / "bands.csv").open(encoding="utf-8") as file:
        assert {0, *BAND_BOUNDS} == {int(row["lower_bound"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(WATER[0] | {"region": "31.71"}, id="Jakarta-Pusat-is-not-autonomous"),
        pytest.param(published("31.71", "", "80"), id="nor-for-a-published-total"),
        pytest.param(WATER[0] | {"region": "64.04"}, id="Bulungan-left-the-province-in-2012"),
        pytest.param(WATER[0] | {"region": KALTIM}, id="a-province-does-not-owe-it"),
        pytest.param(WATER[0] | {"target": "1.250.000"}, id="not-a-plain-number"),
    ],
)
def test_what_would_be_quarantined_is_refused(row):
    with pytest.raises(UnscorableRowError):
        result([row])


def test_a_row_said_twice_is_refused():
    with pytest.raises(UnscorableRowError, match="said twice"):
        result([*WATER, WATER[0]])


def test_a_policy_nobody_knows_is_refused():
    with pytest.raises(UnknownPolicyError, match="quality_mean='median'"):
        result([], quality_mean="median")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_scores_do_not_depend_on_the_order_and_stay_in_bounds(data):
    rows = data.draw(submissions(PERIOD, REGISTRY))
    policies = {name: data.draw(st.sampled_from(values), name) for name, values in CHOICES.items()}
    scores = result(rows, **policies)
    assert scores == result(list(reversed(rows)), **policies)
    for region in scores.regions.values():
        if region.index is not None and policies["cap"]:
            assert (
                0 <= region.index <= (100 if region.index_reported is None else region.index_reported) <= 100
            )
        if region.is_ranked:
            assert 1 <= region.rank_national <= region.n_national - region.tie_size + 1


def test_random_submissions_are_the_same_for_a_seed_and_hold_what_hurts():
    rows = random_submissions(7, PERIOD, REGISTRY)
    assert rows == random_submissions(7, PERIOD, REGISTRY) != random_submissions(8, PERIOD, REGISTRY)
    assert {row["region"] for row in rows} <= set(HANDFUL)
    assert max(region.tie_size or 0 for region in result(rows).regions.values()) >= 2
    values = {row[column] for row in rows for column in ("target", "realised")}
    assert not [value for value in values if re.fullmatch(r"\d+\.\d{3}", value)]  # would read two ways


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_submission_can_be_scored(kind):
    for region in (KALTIM, BALIKPAPAN):
        scored = result(rows_of(_rng(), {region: kind}, PERIOD, REGISTRY)).regions[region]
        assert (scored.basis is None) == (kind in {"silent", "published_five_parts"})


def _rng() -> random.Random:
    return random.Random(1)


def _code(name: str) -> str:
    return CODES[name.removeprefix("Provinsi ")]
