"""Every document of one region: quarter by quarter, errors planted, written; and what was planted where.

Put here: one region over all periods, the same whoever else is written. Keep out: the nation (``command``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pipelines.registry.periods import Period
from pipelines.registry.regions import Region
from pipelines.registry.windows import window_of
from spm_sample.documents import Document, places, write
from spm_sample.draws import chance, generator
from spm_sample.errors import drawn_kinds, plant
from spm_sample.numbers import YearNumbers, year_numbers
from spm_sample.planting import Draft, Planting, RowKey, fatal_rules, key_of
from spm_sample.rows import Row, item_components, region_rows

SHARE_OF_INDONESIAN_NUMBERS = 1 / 3
FIRST_YEAR = 2019
"""No service of the catalogue is older."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a set is made of. ``shares`` gives the share of regions for each kind of error (0 to 1)."""

    inbox: Path
    kind: str
    items: int
    seed: int
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for one region: counts, kinds of documents, lines of ``planted.csv``."""

    documents: int
    rows: int
    kinds: frozenset[str]
    planted: tuple[dict[str, str], ...]


def write_region(plan: Plan, states: Mapping[Period, Region]) -> Written:
    """Write the documents of one region; ``states`` holds its state for each period that it reports."""
    documents = rows = 0
    kinds: set[str] = set()
    planted: list[dict[str, str]] = []
    sent: dict[RowKey, Decimal] = {}
    previous_period: Period | None = None
    for period, region in sorted(states.items()):
        is_same_year = previous_period == period.previous() and period.quarter > 1
        years = sum(period.previous(4 * year) in states for year in range(1, period.year - FIRST_YEAR + 1))
        draft = _draft(plan, region, period, sent if is_same_year else {}, is_same_year, years)
        found = plant(
            draft,
            drawn_kinds(plan.shares, draft.document.kind, plan.seed, region.current_region_code, str(period)),
        )
        for document in (draft.document, *draft.more):
            documents += write(document, plan.inbox)
            rows += len(document.rows)
            kinds.add(document.kind)
        planted += _lines(draft, found)
        sent, previous_period = _sent(draft), period
    return Written(documents, rows, frozenset(kinds), tuple(planted))


def _draft(
    plan: Plan,
    region: Region,
    period: Period,
    sent: dict[RowKey, Decimal],
    is_same_year: bool,
    years: int,
) -> Draft:
    code, seed = region.current_region_code, plan.seed
    numbers = _numbers(plan, region, period)

    def rows_at(quarter: Period, early: bool) -> list[Row]:
        return region_rows(
            numbers, quarter, seed=seed, region=code, level=region.level, items=plan.items, early=early
        )

    kind = plan.kind
    if kind == "mixed":
        kind = "workbook" if chance(seed, code, "kind") < 0.5 else "csv"
    # a number that reads two ways needs a document in plain notation
    is_indonesian = chance(seed, code, "notation") < SHARE_OF_INDONESIAN_NUMBERS and not (
        chance(seed, code, str(period), "ambiguous_number") < plan.shares["ambiguous_number"]
    )
    document = Document(
        region,
        period,
        kind,
        rows_at(period, False),
        _received_at(seed, code, period),
        is_indonesian=is_indonesian,
    )
    return Draft(
        document,
        seed,
        sent,
        is_same_year,
        years,
        rows_at,
    )


def _numbers(plan: Plan, region: Region, period: Period) -> YearNumbers:
    components = item_components(region.level, Period(period.year, 1), plan.items)
    return year_numbers(plan.seed, region.current_region_code, region.level, period.year, components)


def _received_at(seed: int, region: str, period: Period) -> datetime:
    """A receipt in the window, mostly towards its end."""
    ends_at = window_of(period).ends_at
    begins_at = ends_at.replace(year=period.ends_on.year, month=period.ends_on.month, day=period.ends_on.day)
    opens_at = begins_at + timedelta(days=1, hours=8)
    minutes = (ends_at - timedelta(hours=4) - opens_at).total_seconds() / 60
    return opens_at + timedelta(
        minutes=int(minutes * generator(seed, region, str(period), "receipt").beta(3, 1.3))
    )


def _sent(draft: Draft) -> dict[RowKey, Decimal]:
    """The realised values that were really sent, for the quarter after: of untouched rows only."""
    if draft.is_closed:
        return {}
    values = ((key_of(row), draft.value(row, "realised")) for row in draft.free_rows("achievement"))
    return {key: value for key, value in values if value is not None}


def _lines(draft: Draft, planted: Sequence[Planting]) -> list[dict[str, str]]:
    documents = (draft.document, *draft.more) if planted else ()
    owners = {id(row): document for document in documents for row in document.rows}
    where = {row_id: found for document in documents for row_id, found in places(document).items()}
    lines = []
    for one in planted:
        document, place = draft.document, one.place
        if one.row is not None:
            document = owners[id(one.row)]
            row_place, cells = where[id(one.row)]
            place = cells[one.field] if one.field else row_place
        lines.append(
            {
                "kind": one.kind,
                "region_code": document.region.region_code,
                "period": str(document.period),
                "document": document.name,
                "place": place,
                "rule_id": one.rule_id,
                "fatal": "true" if one.rule_id in fatal_rules() else "false",
                "text": one.text,
            }
        )
    return lines
