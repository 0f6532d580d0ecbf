"""What the questions on the views are answered by, worked out in another way than SQL over the views.

From the rows of the published files in plain Python; for the regions that report by hand from what they sent.

Put here: answers by the number of the question (``docs/bi/questions``). Keep out: asking them.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb

from pipelines.publish.releases import Releases
from pipelines.registry.seeds import read_seed
from pipelines.settings import Settings
from tests.integration.bi_home import BY_HAND, LATE, percent_served
from tests.integration.home import Row, published

LAST = "2024-Q4"
Answer = list[tuple[Any, ...]]
WORDS_OF_STATUS = {
    "with_index": "Melapor, berindeks",
    "press": "Angka dari berita",
    "refused": "Kiriman ditolak",
    "not_sent": "Tidak mengirim",
}
SILENT = {"not_sent", "refused"}


class Published:
    """The tables of the release, as rows; those of the last quarter under ``now``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._held: dict[str, list[Row]] = {}

    def __getitem__(self, table: str) -> list[Row]:
        if table not in self._held:
            self._held[table] = published(self.settings, table)
        return self._held[table]

    def now(self, table: str) -> list[Row]:
        return [row for row in self[table] if row["period"] == LAST]

    @cached_property
    def scores(self) -> dict[str, Row]:
        """The region scores of the last quarter by region."""
        return {row["region_code"]: row for row in self.now("mart_region_score")}

    @cached_property
    def statuses(self) -> dict[tuple[str, str], str]:
        """How each region reported, by its documents and the basis of its index."""
        sent = {
            (row["region_code"], row["period"])
            for row in self["mart_document"]
            if not row["is_published_index"]
        }
        found = {}
        for row in self["mart_region_score"]:
            place = (row["region_code"], row["period"])
            if row["index"] is not None:
                found[place] = "with_index" if row["basis"] == "submitted" else "press"
            else:
                found[place] = "refused" if place in sent else "not_sent"
        return found

    @cached_property
    def recipients(self) -> list[Row]:
        """Believed targets and results of recipients in the last quarter, their unit by the registry."""
        units = {re.sub(r"\W", "", row["unit"].lower()): row.cells for row in read_seed("units")}
        rows = []
        for row in self.now("fct_indicator"):
            if row["component"] != "recipients" or row["is_doubtful"] or not row["target"]:
                continue
            unit = units.get(re.sub(r"\W", "", (row["unit"] or "").lower().replace("%", "percent")), {})
            if unit.get("kind", "whole") in ("person", "whole"):
                rows.append({**row, "code": unit.get("unit_code", "other")})
        return rows

    @cached_property
    def pools(self) -> dict[tuple[str, str, str], tuple[Decimal, Decimal]]:
        """Target and result by region, service and unit, of rows with a result."""
        found: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for row in self.recipients:
            if row["realised"] is not None:
                pool = found[row["region_code"], row["service_code"], row["code"]]
                pool[0] += row["target"]
                pool[1] += row["realised"]
        return {place: (target, realised) for place, (target, realised) in found.items()}


def by_hand(percent: int) -> Decimal:
    """The index of a region that serves each service to so many percent, and half of one item of one service.

    Recipients weigh 80 and quality 20; that service is one of twelve in one of six sectors.
    """
    return Decimal(8 * percent) / 10 + Decimal(10) / 72


def mean(values: Sequence[Any]) -> float | None:
    return statistics.fmean(map(float, values)) if values else None


def _name(code: str | None, seed: str, key: str) -> str:
    return next(row["name_id"] for row in read_seed(seed) if row[key] == code)


def ranking(_: Published) -> Answer:
    served = {region: percent_served(region, LAST) for region in BY_HAND} | {LATE: 70}
    ordered = sorted(served, key=lambda region: -served[region])
    return [
        (place, len(served), by_hand(served[region]).quantize(Decimal("0.01")))
        for place, region in enumerate(ordered, 1)
    ]


def trend(_: Published) -> Answer:
    ends = ("2023-09-30", "2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")
    found = []
    for end, percent in zip(ends, (72, 92, 32, 52, 72, 92), strict=True):
        for sector in range(6):
            quality = Decimal(10) / 12 if sector == 1 else 0
            found.append((date.fromisoformat(end), Decimal(8 * percent) / 10 + quality))
    return found


def worst_services(tables: Published) -> Answer:
    held = defaultdict(list)
    missing: Counter[str] = Counter()
    for row in tables.now("mart_service_score"):
        missing[row["service_code"]] += row["status"] == "missing"
        if row["index"] is not None:
            held[row["service_code"]].append(row["index"])
    ordered = sorted((mean(values), service) for service, values in held.items())[:10]
    return [(service, value, len(held[service]), missing[service]) for value, service in ordered]


def silent(tables: Published) -> Answer:
    names = defaultdict(list)
    for (region, period), status in sorted(tables.statuses.items()):
        if period == LAST and status in SILENT:
            names[tables.scores[region]["province_code"]].append(tables.scores[region]["region_name"])
    ordered = sorted(names, key=lambda province: (-len(names[province]), province))[:5]
    return [(len(names[province]), ", ".join(names[province])) for province in ordered]


def words(tables: Published) -> Answer:
    counted = Counter(status for (_, period), status in tables.statuses.items() if period == LAST)
    return [(said, counted[status]) for status, said in WORDS_OF_STATUS.items()]


def against_last_year(tables: Published) -> Answer:
    before = {
        row["current_region_code"]: row["index"]
        for row in tables["mart_region_score"]
        if row["period"] == "2023-Q4"
    }
    found = []
    for level in ("city", "province", "regency"):
        rows = [row for row in tables.scores.values() if row["level"] == level]
        changes = [
            row["index"] - before[row["current_region_code"]]
            for row in rows
            if row["index"] is not None and before.get(row["current_region_code"]) is not None
        ]
        found.append((level, len(changes), len(rows), sum(change < 0 for change in changes)))
    return found


def _budgets(tables: Published, *key: str) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    found: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in tables.now("mart_budget"):
        pair = found[tuple(row[name] for name in key)]
        pair[0] += row["allocated_idr"] or 0
        pair[1] += row["spent_idr"] or 0
    return {place: (allocated, spent) for place, (allocated, spent) in found.items() if allocated}


def absorption(tables: Published) -> Answer:
    pairs: dict[str, list[Any]] = defaultdict(lambda: [Decimal(0), Decimal(0), []])
    for (region,), (allocated, spent) in _budgets(tables, "region_code").items():
        of = pairs[tables.scores[region]["province_name"]]
        of[0] += allocated
        of[1] += spent
        if tables.scores[region]["index"] is not None:
            of[2].append(tables.scores[region]["index"])
    rows = [
        (name, float(100 * spent / allocated), mean(of)) for name, (allocated, spent, of) in pairs.items()
    ]
    return sorted(rows, key=lambda row: row[1])[:5]


def correlations(tables: Published) -> Answer:
    indexes = {
        (row["region_code"], row["sector_code"]): row["index"] for row in tables.now("mart_sector_score")
    }
    points = defaultdict(list)
    for place, (allocated, spent) in _budgets(tables, "region_code", "sector_code").items():
        if indexes.get(place) is not None:
            points[place[1]].append((float(spent / allocated), float(indexes[place])))
    return [
        (sector, len(pairs), statistics.correlation(*map(list, zip(*pairs, strict=True))))
        for sector, pairs in sorted(points.items())
    ]


def uncertain(tables: Published) -> Answer:
    found = []
    for level in ("city", "province", "regency"):
        rows = [
            row
            for row in tables.now("mart_rank_stability")
            if row["level"] == level and row["rank_national"] is not None
        ]
        spans = [row["rank_worst"] - row["rank_best"] for row in rows]
        found.append((level, len(rows), sum(row["is_tied"] for row in rows), mean(spans)))
    return found


def problems(tables: Published) -> Answer:
    counted = Counter(row["category"] for row in tables.now("fct_problem"))
    regions = defaultdict(set)
    for row in tables.now("fct_problem"):
        regions[row["category"]].add(row["region_code"])
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:8]
    return [(category, count, len(regions[category])) for category, count in ordered]


def not_served(tables: Published) -> Answer:
    found: dict[str, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for (_, service, code), (target, realised) in tables.pools.items():
        if code == "person":
            of = found[service]
            of[0] += 1
            of[1] += target
            of[2] += min(target, realised)
    rows = [(service, n, target, served, target - served) for service, (n, target, served) in found.items()]
    return sorted(rows, key=lambda row: (-row[4], row[0]))[:12]


def units(tables: Published) -> Answer:
    codes = defaultdict(set)
    for row in tables.recipients:
        codes[row["service_code"]].add(row["code"])
    mixed = [(service, len(of), ", ".join(sorted(of))) for service, of in codes.items() if len(of) > 1]
    return sorted(mixed, key=lambda row: (-row[1], row[0]))


def revisions(tables: Published) -> Answer:
    """From the files of every release, one after the other, and not from the ledger."""
    releases = Releases(tables.settings.published)
    changes = defaultdict(list)
    before: dict[tuple[str, str], Decimal] = {}
    for release_id in releases.ids():
        file = releases.place(release_id) / "mart_region_score.parquet"
        rows = duckdb.sql(f"select region_code, period, index from '{file}'").fetchall()
        for region, period, index in rows:
            was = before.get((region, period))
            if was is not None and was != index:
                changes[period].append((region, abs(index - was)))
            if index is not None:
                before[region, period] = index
    return [
        (
            period,
            len(of),
            len({region for region, _ in of}),
            mean([by for _, by in of]),
            max(by for _, by in of),
        )
        for period, of in sorted(changes.items())
    ]


def late(tables: Published) -> Answer:
    found = []
    for row in tables.now("mart_compliance"):
        if row["first_received_at"] is not None:
            day = (row["first_received_at"].replace(tzinfo=None) + timedelta(hours=7)).date()
            days = (day - row["window_closes_on"]).days
            if days > 0:
                found.append((-days, row["region_code"], row["region_name"], day))
    return [(name, day, -days) for days, _, name, day in sorted(found)[:5]]


def on_track(tables: Published) -> Answer:
    rows = [row for row in tables["mart_projection"] if row["period"] == "2024-Q3"]
    return [
        (
            level,
            sum(row["is_on_track"] is True for row in rows if row["level"] == level),
            sum(row["is_on_track"] is None for row in rows if row["level"] == level),
            sum(row["level"] == level for row in rows),
        )
        for level in ("city", "province", "regency")
    ]


def movers(tables: Published) -> Answer:
    before = {
        row["current_region_code"]: row["rank_national"]
        for row in tables["mart_region_score"]
        if row["period"] == "2024-Q3" and row["rank_national"] is not None
    }
    moved = [
        (before[row["current_region_code"]] - row["rank_national"], row["region_code"], row)
        for row in tables.scores.values()
        if row["rank_national"] is not None and row["current_region_code"] in before
    ]
    ordered = sorted(moved, key=lambda one: one[:2])[:6]
    return [
        (row["region_name"], change + row["rank_national"], row["rank_national"], change)
        for change, _, row in ordered
    ]


def bands(tables: Published) -> Answer:
    counted: Counter[tuple[str, str]] = Counter()
    for region, row in tables.scores.items():
        if row["level"] != "province":
            said = row["band_name"] or WORDS_OF_STATUS[tables.statuses[region, LAST]]
            counted[row["province_name"], said] += 1
    return sorted((*place, count) for place, count in counted.items())


def rules(tables: Published) -> Answer:
    rows = [row for row in tables.now("mart_finding") if row["status"] != "fixed"]
    counted = Counter(row["rule_id"] for row in rows)
    regions = defaultdict(set)
    for row in rows:
        regions[row["rule_id"]] |= {row["region_code"]} - {None}
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:8]
    return [(rule, _name(rule, "rules", "rule_id"), count, len(regions[rule])) for rule, count in ordered]


def best_in_health(tables: Published) -> Answer:
    held = [
        (row["index"], tables.scores[row["region_code"]]["region_name"])
        for row in tables.now("mart_sector_score")
        if row["sector_code"] == "kesehatan"
        and row["index"] is not None
        and tables.scores[row["region_code"]]["level"] == "city"
        and tables.scores[row["region_code"]]["is_ranked"]
    ]
    rows = [(1 + sum(other > index for other, _ in held), name, index) for index, name in held]
    return sorted(row for row in rows if row[0] <= 5)


def _peers(tables: Published, region: str) -> list[str]:
    (row,) = [
        row for row in tables.now("mart_peer") if row["region_code"] == region and row["sector_code"] is None
    ]
    return sorted(re.findall(r"[\d.]+", row["peers"] or ""))


def beside_peers(tables: Published) -> Answer:
    indexes = {
        (row["region_code"], row["sector_code"]): row["index"] for row in tables.now("mart_sector_score")
    }
    found = []
    for sector in (row["sector_code"] for row in read_seed("sectors")):
        of = [
            indexes[peer, sector]
            for peer in _peers(tables, "33.07")
            if indexes.get((peer, sector)) is not None
        ]
        middle = statistics.median(of)
        found.append((sector, indexes["33.07", sector], middle, indexes["33.07", sector] - middle, len(of)))
    return found


def peers(tables: Published) -> Answer:
    return [
        (peer, tables.scores[peer]["region_name"], tables.scores[peer]["index"])
        for peer in _peers(tables, "33.07")
    ]


def award(tables: Published) -> Answer:
    held = [
        row
        for row in tables["mart_award"]
        if row["year"] == 2024 and row["level"] == "regency" and row["is_ranked"] and row["score"] is not None
    ]
    ordered = sorted(held, key=lambda row: (-row["score"], row["region_code"]))[:5]
    return [
        (1 + sum(other["score"] > row["score"] for other in held), row["region_name"], row["score"])
        for row in ordered
    ]


def stages(tables: Published) -> Answer:
    held: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    labels = {row["code"]: row["label_id"] for row in read_seed("code_labels") if row["field"] == "stage"}
    for row in tables.now("fct_stage"):
        if row["record"] == "stage" and row["target"]:
            of = held[row["sector_code"], labels.get(row["stage"], "Tahapan lain")]
            of[0] += row["realised"] or 0
            of[1] += row["target"]
    return sorted((*place, realised, target) for place, (realised, target) in held.items())


def short_of_personnel(tables: Published) -> Answer:
    names = {(row["item_version"], row["item_code"]): row["name_id"] for row in read_seed("quality_items")}
    held: dict[tuple[str, str, str], list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0), Decimal(0)])
    for row in tables.now("fct_indicator"):
        known = names.get((row["item_version"], row["item"]))
        if (
            row["component"] == "personnel"
            and known
            and row["realised"] is not None
            and row["target"]
            and not row["is_doubtful"]
        ):
            of = held[row["service_code"], row["item"], known]
            of[0] += 1
            of[1] += max(row["target"] - row["realised"], 0)
            of[2] += row["realised"]
            of[3] += row["target"]
    rows = [
        (service, name, n, missing, float(100 * realised / target))
        for (service, _, name), (n, missing, realised, target) in held.items()
    ]
    return sorted(rows, key=lambda row: (row[4], row[0], row[1]))[:8]


def islands(tables: Published) -> Answer:
    groups = {row["province_code"]: row["name_id"] for row in read_seed("island_groups")}
    held = defaultdict(list)
    for row in tables.scores.values():
        if row["index"] is not None:
            held[groups[row["province_code"]]].append(row["index"])
    return sorted(((name, len(of), mean(of)) for name, of in held.items()), key=lambda row: row[2] or 0)


def coverage(tables: Published) -> Answer:
    of = [pair for (_, service, _), pair in tables.pools.items() if service == "K-KES-01"]
    return [(float(100 * sum(min(pair) for pair in of) / sum(target for target, _ in of)),)]


def per_recipient(_: Published) -> Answer:
    # of 1 to 6 milliards a sector so many percent are spent; of each of 29 services 200 are entitled
    served = {region: percent_served(region, LAST) for region in BY_HAND} | {LATE: 70}
    return [
        (21 * 10_000_000 * served[region] / 5800,) for region in sorted(served, key=lambda one: served[one])
    ]


def silent_all_year(tables: Published) -> Answer:
    counted: Counter[str] = Counter()
    for row in tables["mart_region_score"]:
        if row["period"] >= "2024" and tables.statuses[row["region_code"], row["period"]] in SILENT:
            counted[row["current_region_code"]] += 1
    return sorted((code, count) for code, count in counted.items() if count == 4)[:5]


def points_lost(_: Published) -> Answer:
    # each of six sectors weighs alike, and each of its services in it: two in public works and in housing
    each = (100 - Decimal(8 * 92) / 10) / 6
    return [(each / 2,), (each / 2,), (each / 2,), (each / 2,), (each / 3,), (each / 3,)]


ANSWERS: dict[str, tuple[Callable[[Published], Answer], tuple[int, ...]]] = {
    # the columns of the query that are compared, where not all are
    "01": (ranking, (0, 1, 3)),
    "02": (trend, (0, 2)),
    "03": (worst_services, (0, 3, 4, 5)),
    "04": (silent, (1, 2)),
    "04b": (words, ()),
    "05": (against_last_year, ()),
    "06": (absorption, ()),
    "06b": (correlations, ()),
    "07": (uncertain, ()),
    "08": (problems, ()),
    "09": (not_served, (0, 2, 3, 4, 5)),
    "09b": (units, ()),
    "10": (revisions, ()),
    "11": (late, (0, 1, 3)),
    "12": (on_track, ()),
    "13": (movers, (0, 2, 3, 4)),
    "14": (bands, ()),
    "15": (rules, (0, 1, 3, 4)),
    "16": (best_in_health, ()),
    "17": (beside_peers, ()),
    "17b": (peers, (0, 1, 3)),
    "18": (award, ()),
    "19": (stages, (0, 1, 2, 3)),
    "20": (short_of_personnel, (0, 1, 3, 4, 5)),
    "21": (islands, ()),
    "22": (coverage, ()),
    "23": (per_recipient, (1,)),
    "24": (silent_all_year, (0, 2)),
    "25": (points_lost, (2,)),
}
UNORDERED = {"14", "19"}
"""Sorted here by the registry's order of provinces and stages."""
