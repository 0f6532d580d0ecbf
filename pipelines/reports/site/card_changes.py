"""Why the index and the rank of each card's region are where they are: a query a block for all regions.

Put here: what moved them since the quarter before and the year before, the points that keep the index from
100, the people not served, why there is no rank, the way to the next band. Keep out: the arithmetic
(``index_causes``), sentences (``change_said``), how it looks (``templates/card_*.html``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from pipelines.messages import Message, message, written
from pipelines.registry.codes import code_said
from pipelines.registry.seeds import read_seed
from pipelines.reports.change_said import cause_said, index_change_said, rank_change_said
from pipelines.reports.index_causes import (
    Method,
    Side,
    in_hundredths,
    index_causes,
    points_lost,
    rank_move,
)
from pipelines.reports.movement import RECIPIENTS, division_by
from pipelines.warehouse.release_tables import ReleaseTables, Row

MOST_LOST = 5
"""Services whose lost points a card lists; the others are one number."""
MOST_GROUPS = 5
"""Groups of people not served that a card lists; how many more there are is said."""

# each card and what it is compared with: quarters accumulate, so the first of a year has none before it
_COMPARED = """
create temp table compared as
select cards.page, 'now' as which, cards.region_code, cards.period
from cards
union all
select cards.page, earlier.which, scores.region_code, scores.period
from cards
inner join dim_period as own on cards.period = own.period
cross join (values ('quarter', 0, 1), ('year', 1, 0)) as earlier (which, years, quarters)
inner join dim_period as before
    on own.year - earlier.years = before.year and own.quarter - earlier.quarters = before.quarter
inner join mart_region_score as scores
    on before.period = scores.period
    and cards.page = coalesce(scores.current_region_code, scores.region_code)
"""
_OF_SIDES = """
select compared.page || ' ' || compared.which as side, own.*
from {table} as own
inner join compared on own.region_code = compared.region_code and own.period = compared.period
order by all
"""
_RANKED = """
select period, level, coalesce(current_region_code, region_code) as page, index
from mart_region_score
where is_ranked and period in (select period from compared)
order by all
"""
_NOT_SERVED = """
select
    cards.page,
    own.service_code,
    dim_service.name_id,
    dim_service.name_en,
    dim_service.recipients_id,
    any_value(own.unit order by own.unit) as unit,
    sum(own.target) as target,
    sum(own.realised) as realised,
    sum(own.target) - sum(own.realised) as not_served
from fct_indicator as own
inner join cards on own.region_code = cards.region_code and own.period = cards.period
left join dim_service on own.service_code = dim_service.service_code
where own.component = 'recipients' and own.status in ('reported', 'zero')
    and not coalesce(own.is_doubtful, false)
    and own.target > 0 and own.realised is not null
    and coalesce(lower(trim(own.unit)), 'orang') not in ('%', 'persen', 'percent')
group by cards.page, own.service_code, dim_service.name_id, dim_service.name_en, dim_service.recipients_id,
    lower(trim(own.unit))
having sum(own.target) > sum(own.realised)
order by cards.page, not_served desc, own.service_code, unit
"""
_BUDGET_OF_SECTORS = """
select
    cards.page,
    dim_sector.sector_code,
    dim_sector.name_id,
    dim_sector.name_en,
    sum(own.allocated_idr) as allocated_idr,
    sum(own.spent_idr) as spent_idr,
    coalesce(bool_and((own.allocated_idr is null) = (own.spent_idr is null)), false) as is_whole,
    sum(own.doubtful_lines)::integer as doubtful_lines,
    count(own.period) as lines
from cards
cross join dim_sector
left join mart_budget as own
    on cards.region_code = own.region_code and cards.period = own.period
    and dim_sector.sector_code = own.sector_code
group by cards.page, dim_sector.sector_code, dim_sector.name_id, dim_sector.name_en, dim_sector.sort_order
order by cards.page, dim_sector.sort_order
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What moved a region since an earlier quarter: sentences, and bars of causes with their points."""

    which: str
    against: str
    index_said: Message
    rank_said: Message | None
    bars: Sequence[tuple[Message, Decimal]]

    @property
    def largest(self) -> Decimal:
        """The most points of a bar."""
        return max((abs(points) for _, points in self.bars), default=Decimal(0))


@dataclass(frozen=True, slots=True)
class LostPoints:
    """Points that a service keeps the index from 100 by, with its own index and status."""

    code: str
    sector_code: str
    name_id: str
    points: Decimal
    index: Decimal | None
    status: str


class CardChanges:
    """Why, of each card of a release; needs the table ``cards``."""

    def __init__(self, tables: ReleaseTables) -> None:
        tables.execute(_COMPARED)
        of = {
            name: tables.by("side", _OF_SIDES.format(table=table))
            for name, table in (
                ("score", "mart_region_score"),
                ("sectors", "mart_sector_score"),
                ("services", "mart_service_score"),
                ("recipients", f"({RECIPIENTS.format(where='')})"),
            )
        }
        self._sides = {
            side: Side(
                scores[0],
                of["sectors"].get(side, []),
                of["services"].get(side, []),
                {
                    row["service_code"]: (row["target"], row["realised"])
                    for row in of["recipients"].get(side, [])
                },
            )
            for side, scores in of["score"].items()
        }
        self._ranked: dict[tuple[str, str], dict[str, Decimal]] = {}
        for row in tables.rows(_RANKED):
            self._ranked.setdefault((row["period"], row["level"]), {})[row["page"]] = row["index"]
        methods = tables.rows("select method_version, policies from dim_method order by all")
        self._methods = {row["method_version"]: division_by(row["policies"]) for row in methods}
        self._least_complete = {row["method_version"]: _least_complete(row["policies"]) for row in methods}
        self._sectors = {
            row["sector_code"]: row for row in tables.rows("from dim_sector order by sort_order")
        }
        self._services = {row["service_code"]: row for row in tables.rows("from dim_service")}
        self._bands = {
            (row["method_version"], row["band_code"]): row["name_id"] for row in tables.rows("from dim_band")
        }
        self._not_served = tables.by("page", _NOT_SERVED)
        self._budgets = tables.by("page", _BUDGET_OF_SECTORS)
        self._least_next_band = _parameter("next_band_min_percent")

    def card(self, region: Row, compliance: Row | None, projection: Row | None) -> dict[str, Any]:
        """What the card of a region says of why; the keys are the names in its templates."""
        page = region["page"]
        side = self._sides[f"{page} now"]
        lost_sectors, lost_services = self._lost(page)
        groups = self._not_served.get(page, [])
        budgets = self._budgets.get(page, [])
        reporting = (compliance or {}).get("reporting_status")
        return {
            "reporting": reporting,
            "standing": message("card.no_index", why=code_said("reporting_status", reporting or "-")),
            "changes": list(self._changes(page)),
            "lost_sectors": lost_sectors,
            "lost_services": lost_services[:MOST_LOST],
            "lost_elsewhere": lost_services[MOST_LOST:],
            "not_served": [
                {**row, "served_ratio": row["realised"] / row["target"]} for row in groups[:MOST_GROUPS]
            ],
            "groups_more": len(groups) - MOST_GROUPS,
            "services_unsent": 0
            if region["index"] is None
            else sum(row["status"] == "missing" for row in side.services),
            "not_ranked": why_not_ranked(region, self._least_complete.get(region["method_version"])),
            "next_band": self._next_band(projection),
            "budget_of_sectors": [{**row, "spent_percent": _spent_percent(row)} for row in budgets]
            if any(row["lines"] for row in budgets)
            else [],
            "index_of_sector": {row["sector_code"]: row["index"] for row in side.sectors},
        }

    def _changes(self, page: str) -> Iterable[Change]:
        now = self._sides[f"{page} now"]
        if now.score["index"] is None:
            return
        for which in ("quarter", "year"):
            then = self._sides.get(f"{page} {which}")
            if then is None or then.score["index"] is None:
                continue
            causes = index_causes(now, then, len(self._sectors), self._method(now, then))
            level = now.score["level"]
            ladders = [self._ranked.get((side.score["period"], level), {}) for side in (now, then)]
            move = rank_move(page, *ladders)
            yield Change(
                which,
                then.score["period"],
                index_change_said(now.score, then.score, causes),
                rank_change_said(move, then.score["period"]) if move else None,
                [(cause_said(cause), cause.points) for cause in causes],
            )

    def _method(self, now: Side, then: Side) -> Method | None:
        version = now.score["method_version"]
        return self._methods.get(version) if version == then.score["method_version"] else None

    def _lost(self, page: str) -> tuple[dict[str, Decimal], list[LostPoints]]:
        """Points lost by sector, and by service with the most first; both add up to what 100 is short of."""
        side = self._sides[f"{page} now"]
        if side.score["index"] is None:
            return {}, []
        lost = points_lost(side, len(self._sectors))
        lost.pop("total", None)
        short = Decimal(100) - side.score["index"]
        of_sector: dict[str, Fraction] = {}
        for code, points in lost.items():
            sector = self._services[code]["sector_code"] if code in self._services else code
            of_sector[sector] = of_sector.get(sector, Fraction(0)) + points
        sectors = dict(zip(of_sector, in_hundredths(list(of_sector.values()), short), strict=True))
        rows = {row["service_code"]: row for row in side.services}
        services = [
            LostPoints(
                code,
                rows[code]["sector_code"],
                self._services[code]["name_id"],
                points,
                rows[code]["index"],
                rows[code]["status"],
            )
            for code, points in zip(lost, in_hundredths(list(lost.values()), short), strict=True)
            if code in rows and code in self._services and points
        ]
        return sectors, sorted(services, key=lambda one: (-one.points, one.code))

    def _next_band(self, projection: Row | None) -> dict[str, Any] | None:
        """The way to the next band in names."""
        way = way_to_next_band(projection, self._least_next_band)
        if way is None or projection is None:
            return None
        return way | {
            "services": [self._services[code] for code in way["service_codes"]],
            "band": self._bands[projection["method_version"], way["band_code"]],
        }


def why_not_ranked(region: Row, least_complete: Decimal | None) -> Message | None:
    """Why a region that has an index has no rank; none where it has one, or no index to rank.

    ``least_complete`` is the share of services (0 to 1) that its method asks for.
    """
    if region["is_ranked"] or region["index"] is None:
        return None
    if region["is_interim"]:
        return message("rank.interim")
    if region["basis"] == "published":
        return message("rank.press")
    complete = region["completeness"]
    if least_complete is not None and complete is not None and complete < least_complete:
        # rounded down, so that it does not read as what is asked for
        shown = (complete * 100).quantize(Decimal("0.1"), ROUND_DOWN)
        return message("rank.incomplete", complete=shown, least=int(least_complete * 100))
    return message("rank.none")


def way_to_next_band(projection: Row | None, least_percent: Decimal) -> dict[str, Any] | None:
    """The fewest further people that lead to the next band, with their share of those not served.

    None where they are fewer than ``least_percent`` of those: a handful of people is no goal for a region
    that leaves thousands unserved.
    """
    if projection is None or projection["recipients_to_next_band"] is None:
        return None
    people, left = projection["recipients_to_next_band"], projection.get("recipients_not_served")
    if not left or not projection.get("next_band_services") or 100 * people < least_percent * left:
        return None
    share = (Decimal(100 * people) / left).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return {
        "people": written(people),
        "share": written(share),
        "service_codes": projection["next_band_services"].split(";"),
        "band_code": projection["next_band_code"],
    }


def _spent_percent(row: Row) -> Decimal | None:
    """Spent of allocated; none where a line has one of the two alone: it would not be that of the sums."""
    if not row["is_whole"] or not row["allocated_idr"] or row["spent_idr"] is None:
        return None
    return Decimal(100 * row["spent_idr"] / row["allocated_idr"])


def _least_complete(policies: str) -> Decimal | None:
    given = dict(policy.partition("=")[::2] for policy in policies.split("; "))
    return Decimal(given["min_completeness_to_rank"]) if "min_completeness_to_rank" in given else None


def _parameter(name: str) -> Decimal:
    found: Mapping[str, Decimal] = {
        row.text("parameter"): row.parsed("value", Decimal) for row in read_seed("benchmark_parameters")
    }
    return found[name]
