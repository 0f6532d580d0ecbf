"""A second scorer, in exact fractions: the answer the scoring marts are compared with.

Written from the text of the scoring rule alone (data contract, method ``permendagri-59-2021``), never from
the SQL, so that a misreading has to be made twice to go unseen. Slow and literal on purpose.

Put here: the rule, once more, from input rows to ranks and national means.
Keep out: names, number notations, revisions, findings: rows come with region codes, plain numbers, and one
document a region. What the pipeline would quarantine is refused here with ``UnscorableRowError``.
"""

from __future__ import annotations

import calendar
import csv
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

METHOD = "permendagri-59-2021"
WEIGHT_RECIPIENTS, WEIGHT_QUALITY = Fraction(80, 100), Fraction(20, 100)
BAND_BOUNDS = (60, 70, 80, 90, 100)
QUALITY = ("goods_services", "personnel", "procedures")
NOT_THERE = {"", "na", "-", "?"}
NOBODY_OWED = "tidak ada"

CHOICES: dict[str, tuple[Any, ...]] = {
    "cap": (True, False),
    "quality_mean": ("mean_of_items", "pooled"),
    "zero_target": ("not_applicable", "full", "zero"),
    "missing": ("zero", "exclude"),
    "national_over": ("reported", "expected"),
    "recipients_pool": ("sum", "mean"),
    "missing_item": ("exclude", "zero"),
}
"""The policies and their values; the first is the default."""

Row = Mapping[str, Any]
Index = Fraction | None


class UnscorableRowError(ValueError):
    """A row that the pipeline would have set aside before scoring; the message quotes it."""


class UnknownPolicyError(ValueError):
    """A policy, or a value of one, that the method does not have."""


@dataclass(frozen=True, slots=True)
class ServiceScore:
    """A service owed. Indexes are 0 to 100; both components follow their own rows, whatever the status."""

    status: str  # reported, not_applicable, missing
    recipients_index: Index = None
    quality_index: Index = None
    index: Index = None
    index_reported: Index = None
    items_owed: int | None = None  # None: nobody is owed the service, or the region sent nothing
    items_reported: int | None = None


@dataclass(frozen=True, slots=True)
class SectorScore:
    """A sector of a region; ``services_reported`` counts the status ``reported`` alone."""

    index: Index
    index_reported: Index
    services_owed: int
    services_reported: int


@dataclass(frozen=True, slots=True)
class RegionScore:
    """An expected reporter. ``n_*`` count the ranked regions of the group, also for one not ranked itself."""

    level: str
    province_code: str
    index: Index = None
    index_reported: Index = None
    band_code: str | None = None
    completeness: Fraction | None = None
    items_owed: int | None = None
    items_reported: int | None = None
    basis: str | None = None  # submitted, published, None = not reported
    is_interim: bool = False
    is_ranked: bool = False
    rank_national: int | None = None
    n_national: int | None = None
    rank_province: int | None = None
    n_province: int | None = None
    tie_size: int | None = None


@dataclass(frozen=True, slots=True)
class NationalScore:
    """One scope: national, province, regency_city or a sector code. With little coverage it has no band."""

    index: Index
    regions_expected: int
    regions_reported: int
    regions_with_index: int
    regions_from_press: int
    coverage: Fraction
    has_band: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything of one period, for every expected reporter; keys are codes."""

    services: dict[tuple[str, str], ServiceScore]
    sectors: dict[tuple[str, str], SectorScore]
    regions: dict[str, RegionScore]
    national: dict[str, NationalScore]


def score(
    rows: Iterable[Row], period: str, registry_dir: Path, policies: Mapping[str, Any] | None = None
) -> Scores:
    """Score the ``achievement`` and ``published_index`` rows of ``period`` (``2024-Q4``); skip other periods.

    Raises:
        UnscorableRowError: a row of a region that owes no report, of a service it does not owe, said twice,
            or with a value that is neither a plain number nor one of the texts for none.
        UnknownPolicyError: a policy, or a value of one, that the method does not have.
    """
    policy = _policy(policies or {})
    regions = _expected_reporters(registry_dir, period)
    catalogue = _catalogue(registry_dir, period)
    items = _items(registry_dir, period)
    bands = _bands(registry_dir)
    achieved, published = _by_region([row for row in rows if row["period"] == period], regions, catalogue)
    services: dict[tuple[str, str], ServiceScore] = {}
    sectors: dict[tuple[str, str], SectorScore] = {}
    scored: dict[str, RegionScore] = {}
    for code, region in regions.items():
        owed = catalogue[_tier(region.level)]
        if code in achieved:
            mine = {
                service: _service(achieved[code].get(service, []), items[service], policy) for service in owed
            }
            parts = _sectors(mine, owed)
            total = _submitted_region(region, mine, parts)
        else:
            mine = dict.fromkeys(owed, ServiceScore("missing"))
            parts, total = _published(region, _sectors(mine, owed), published.get(code, {}))
        band = next((band for lower, band in bands if total.index is not None and total.index >= lower), None)
        scored[code] = replace(total, band_code=band)
        services |= {(code, service): one for service, one in mine.items()}
        sectors |= {(code, sector): one for sector, one in parts.items()}
    return Scores(services, sectors, _ranked(scored, policy), _national(scored, sectors, policy))


def stored(x: Fraction, places: int = 6) -> Decimal:
    """Round half up, but never up to a band bound that ``x`` is below (99.9999999 gives 99.999999)."""
    scale = 10**places
    units = math.floor(x * scale + Fraction(1, 2))
    if any(x < bound <= Fraction(units, scale) for bound in BAND_BOUNDS):
        units = math.floor(x * scale)  # a bound is a whole number of units, so this stays below it
    return Decimal(units).scaleb(-places)


def _policy(given: Mapping[str, Any]) -> dict[str, Any]:
    policy = {name: values[0] for name, values in CHOICES.items()}
    shares = ("min_completeness_to_rank", "min_coverage_for_band")
    policy |= dict.fromkeys(shares, Fraction(1, 2)) | dict(given)
    for name, value in given.items():
        if name not in shares and value not in CHOICES.get(name, ()):
            raise UnknownPolicyError(f"{name}={value!r} is not one of {CHOICES.get(name, 'the policies')}")
    return policy


# --- the registry -------------------------------------------------------------------------------------------


def _read(registry_dir: Path, name: str) -> list[dict[str, str]]:
    with (registry_dir / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _expected_reporters(registry_dir: Path, period: str) -> dict[str, RegionScore]:
    """The autonomous regions valid on the last day of the period."""
    year, month = int(period[:4]), 3 * int(period[-1])
    last_day = f"{year}-{month:02}-{calendar.monthrange(year, month)[1]}"
    return {
        row["region_code"]: RegionScore(row["level"], row["province_code"])
        for row in _read(registry_dir, "regions")
        if row["is_autonomous"].lower() == "true"
        and row["valid_from"] <= last_day < (row["valid_to"] or "9999-12-31")
    }


def _catalogue(registry_dir: Path, period: str) -> dict[str, dict[str, str]]:
    """Tier to the services owed in the period, each with its sector."""
    known = {row["sector_code"] for row in _read(registry_dir, "sectors")}
    owed: dict[str, dict[str, str]] = {"province": {}, "regency_city": {}}
    for row in _read(registry_dir, "services"):
        if row["valid_from_period"] <= period <= (row["valid_to_period"] or "9999-Q4"):
            if row["sector_code"] not in known:
                raise KeyError(f"services.csv: {row['service_code']} is of no known sector")
            owed[row["tier"]][row["service_code"]] = row["sector_code"]
    return owed


def _items(registry_dir: Path, period: str) -> dict[str, set[str]]:
    """The codes of the quality items that the catalogue has for a service in the period."""
    items: dict[str, set[str]] = defaultdict(set)
    for row in _read(registry_dir, "quality_items"):
        if row["valid_from_period"] <= period <= (row["valid_to_period"] or "9999-Q4"):
            items[row["service_code"]].add(row["item_code"])
    return items


def _bands(registry_dir: Path) -> list[tuple[Fraction, str]]:
    rows = [row for row in _read(registry_dir, "bands") if row["method_version"] == METHOD]
    return sorted(((Fraction(row["lower_bound"]), row["band_code"]) for row in rows), reverse=True)


def _tier(level: str) -> str:
    return "province" if level == "province" else "regency_city"


# --- the rows -----------------------------------------------------------------------------------------------


def _by_region(
    rows: list[Row], regions: Mapping[str, RegionScore], catalogue: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, dict[str, list[Row]]], dict[str, dict[str, Fraction]]]:
    """Achievement rows by region and service; published indexes by region and sector ('' = the region)."""
    achieved: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    published: dict[str, dict[str, Fraction]] = defaultdict(dict)
    seen: set[tuple[Any, ...]] = set()
    key: tuple[Any, ...]
    for row in rows:
        owed = catalogue[_tier(regions[row["region"]].level)] if row["region"] in regions else {}
        if _is_blank(row):
            continue
        if row["record"] == "achievement":
            key = ("achievement", row["region"], row["service"], row["component"], row.get("item") or "")
            accepted = row["service"] in owed and row["component"] in ("recipients", *QUALITY)
            achieved[row["region"]][row["service"]].append(row)
        else:
            key = (row["record"], row["region"], row["sector"])
            accepted = row["record"] == "published_index" and row["sector"] in {"", *owed.values()}
            value = _number(row["realised"])
            if value is not None:
                published[row["region"]][row["sector"]] = value
        if row["region"] not in regions or not accepted or key in seen:
            raise UnscorableRowError(f"no expected reporter, not owed, or said twice: {dict(row)}")
        seen.add(key)
    parts = {one[:4] for one in seen if one[0] == "achievement" and one[3] == "recipients" and one[4]}
    if both := sorted(part for part in parts if (*part, "") in seen):
        raise UnscorableRowError(f"recipients as a whole and in parts: {both}")
    return achieved, published


def _is_blank(row: Row) -> bool:
    """A row as a form hands it out: no result, no note, and not said that nobody is owed. It is no data."""
    if _text(row["realised"]) or (row["record"] == "achievement" and _text(row.get("note"))):
        return False
    return row["record"] == "published_index" or _state(row) != "not_applicable"


def _text(value: object) -> str:
    return "" if value is None else str(value).strip().lower()


def _number(value: object) -> Fraction | None:
    """The plain number, or None where there is none."""
    text = _text(value)
    if text in NOT_THERE or text == NOBODY_OWED:
        return None
    try:
        number = Fraction(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise UnscorableRowError(f"not a plain number: {value!r}") from error
    if number < 0:
        raise UnscorableRowError(f"below zero: {value!r}")
    return number


# --- the rule -----------------------------------------------------------------------------------------------


def _mean(values: Iterable[Index]) -> Index:
    there = [value for value in values if value is not None]
    return sum(there, Fraction(0)) / len(there) if there else None


def _state(row: Row) -> str:
    """What the two values say: a target of none settles it, whatever stands as realised."""
    if _text(row["target"]) == NOBODY_OWED or _number(row["target"]) == 0:
        return "not_applicable"
    there = _number(row["target"]) is not None and _number(row["realised"]) is not None
    return "reported" if there else "missing"


def _percent(realised: Fraction, target: Fraction, policy: Mapping[str, Any]) -> Fraction:
    ratio = realised / target
    return 100 * (min(ratio, Fraction(1)) if policy["cap"] else ratio)


def _p(row: Row, policy: Mapping[str, Any]) -> Index:
    """p of one row, or None where it leaves its mean."""
    if _state(row) == "not_applicable":
        return {"not_applicable": None, "full": Fraction(100), "zero": Fraction(0)}[policy["zero_target"]]
    return _percent(_number(row["realised"]) or Fraction(0), _number(row["target"]) or Fraction(0), policy)


def _summed(rows: list[Row], policy: Mapping[str, Any]) -> Index:
    """The percent of the sums, capped after summing; None where there is no target to divide by."""
    realised = sum((_number(row["realised"]) or Fraction(0) for row in rows), Fraction(0))
    target = sum((_number(row["target"]) or Fraction(0) for row in rows), Fraction(0))
    return _percent(realised, target, policy) if target else None


def _recipients(rows: list[Row], policy: Mapping[str, Any]) -> Index:
    """A: rows of one unit are pooled (or each counts by itself), of several units the mean."""
    units: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        units[_text(row.get("unit"))].append(row)
    found = []
    for mine in units.values():
        pooled = _summed(mine, policy) if policy["recipients_pool"] == "sum" else None
        found.append(_mean(_p(row, policy) for row in mine) if pooled is None else pooled)
    return _mean(found)


def _quality(rows: list[Row], owed: set[str], policy: Mapping[str, Any]) -> Index:
    """B over the items that are there, or None where only A counts."""
    absent = owed - {row["item"] for row in rows}
    if not rows:
        counts = policy["missing"] == "zero" or (policy["missing_item"] == "zero" and absent)
        return Fraction(0) if counts else None
    if policy["quality_mean"] == "pooled":
        pool = [row for row in rows if _number(row["target"])]
        if pool:
            return _summed(pool, policy)
    zeros = [Fraction(0)] * (len(absent) if policy["missing_item"] == "zero" else 0)
    return _mean([*(_p(row, policy) for row in rows), *zeros])


def _service(rows: list[Row], owed: set[str], policy: Mapping[str, Any]) -> ServiceScore:
    there = [row for row in rows if _state(row) != "missing"]  # said not to be known is as left out
    recipients = [row for row in there if row["component"] == "recipients"]
    quality = [row for row in there if row["component"] != "recipients"]
    b = _quality(quality, owed, policy)
    items = (len(owed), len(owed & {row["item"] for row in quality}))
    if not recipients:
        counted = {"zero": Fraction(0), "exclude": None}[policy["missing"]]
        return ServiceScore("missing", None, b, counted, None, *items)
    a = _recipients(recipients, policy)
    index = a if a is None or b is None else WEIGHT_RECIPIENTS * a + WEIGHT_QUALITY * b
    if all(_state(row) == "not_applicable" for row in recipients):
        return ServiceScore("not_applicable", a, b, index, index)
    return ServiceScore("reported", a, b, index, index, *items)


def _sectors(services: Mapping[str, ServiceScore], owed: Mapping[str, str]) -> dict[str, SectorScore]:
    grouped: dict[str, list[ServiceScore]] = defaultdict(list)
    for service, sector in owed.items():
        grouped[sector].append(services[service])
    return {
        sector: SectorScore(
            index=_mean(one.index for one in group),
            index_reported=_mean(one.index_reported for one in group),
            services_owed=len(group),
            services_reported=sum(one.status == "reported" for one in group),
        )
        for sector, group in grouped.items()
    }


def _total(counts: Iterable[int | None]) -> int | None:
    there = [count for count in counts if count is not None]
    return sum(there) if there else None


def _submitted_region(
    region: RegionScore, services: Mapping[str, ServiceScore], sectors: Mapping[str, SectorScore]
) -> RegionScore:
    return replace(
        region,
        index=_mean(one.index for one in sectors.values()),
        index_reported=_mean(one.index_reported for one in sectors.values()),
        completeness=Fraction(sum(one.status != "missing" for one in services.values()), len(services)),
        items_owed=_total(one.items_owed for one in services.values()),
        items_reported=_total(one.items_reported for one in services.values()),
        basis="submitted",
    )


def _published(
    region: RegionScore, empty: dict[str, SectorScore], published: Mapping[str, Fraction]
) -> tuple[dict[str, SectorScore], RegionScore]:
    """Six sector rows make the index (also beside a total: the parts go first), else the region row does.

    A published figure takes no service for missing, so ``index_reported`` equals ``index``.
    """
    if not published:
        return empty, region
    sectors = {
        sector: replace(one, index=published.get(sector), index_reported=published.get(sector))
        for sector, one in empty.items()
    }
    parts = [value for sector, value in published.items() if sector]
    index = _mean(parts) if len(parts) == 6 else published.get("")
    basis = None if index is None else "published"  # some of the parts alone give no index
    return sectors, replace(region, index=index, index_reported=index, basis=basis)


# --- ranks and national means -------------------------------------------------------------------------------


def _ranked(regions: Mapping[str, RegionScore], policy: Mapping[str, Any]) -> dict[str, RegionScore]:
    """Ranks on the exact index, descending; ties share the lowest rank."""

    of_reports = any(one.basis == "submitted" and one.index is not None for one in regions.values())

    def may_rank(one: RegionScore) -> bool:
        if one.index is None:
            return False
        if one.basis == "published":  # figures of the press: beside reports, never among them
            return not of_reports
        return (one.completeness or 0) >= policy["min_completeness_to_rank"]

    ranked = {code: one for code, one in regions.items() if may_rank(one)}
    national: dict[str, list[Fraction]] = defaultdict(list)
    province: dict[str, list[Fraction]] = defaultdict(list)
    for one in ranked.values():
        national[one.level].append(one.index or Fraction(0))
        if one.level != "province":
            province[one.province_code].append(one.index or Fraction(0))
    result: dict[str, RegionScore] = {}
    for code, one in regions.items():
        peers, near = national[one.level], province[one.province_code]
        counts = replace(one, n_national=len(peers), n_province=_below_province(one, len(near)))
        result[code] = counts if code not in ranked else _placed(counts, peers, near)
    return result


def _placed(one: RegionScore, peers: list[Fraction], near: list[Fraction]) -> RegionScore:
    index = one.index or Fraction(0)
    return replace(
        one,
        is_ranked=True,
        rank_national=_rank(index, peers),
        rank_province=_below_province(one, _rank(index, near)),
        tie_size=peers.count(index),
    )


def _below_province(one: RegionScore, value: int) -> int | None:
    return None if one.level == "province" else value


def _rank(index: Fraction, group: list[Fraction]) -> int:
    return 1 + sum(other > index for other in group)


def _national(
    regions: Mapping[str, RegionScore],
    sectors: Mapping[tuple[str, str], SectorScore],
    policy: Mapping[str, Any],
) -> dict[str, NationalScore]:
    """Means over regions within a tier, then over the two tiers."""
    nobody = {"reported": None, "expected": Fraction(0)}[policy["national_over"]]

    def scope(
        value: Callable[[str], Index],
        tiers: tuple[str, ...],
    ) -> NationalScore:
        mine = {code: one for code, one in regions.items() if _tier(one.level) in tiers}
        values = {code: None if one.index is None else value(code) for code, one in mine.items()}
        counted = {code: nobody if mine[code].index is None else values[code] for code in mine}
        means = [_mean(counted[code] for code in mine if _tier(mine[code].level) == tier) for tier in tiers]
        there = sum(one is not None for one in values.values())
        coverage = Fraction(there, len(mine))
        enough = coverage >= policy["min_coverage_for_band"]
        pressed = sum(mine[code].basis == "published" and values[code] is not None for code in mine)
        submitted = sum(mine[code].basis == "submitted" for code in mine)
        return NationalScore(_mean(means), len(mine), submitted, there, pressed, coverage, enough)

    both = ("province", "regency_city")
    result = {"national": scope(lambda code: regions[code].index, both)}
    result |= {tier: scope(lambda code: regions[code].index, (tier,)) for tier in both}
    for sector in sorted({sector for _, sector in sectors}):
        result[sector] = scope(
            lambda code, sector=sector: sectors[code, sector].index,  # type: ignore[misc]
            both,
        )
    return result
