"""The index of a region before and after a file: what a release says, and what it would say with the file.

A file takes the place of what the region sent before for the same sectors; the others keep what is published.
The index after is so an estimate: it knows nothing of what others sent since.

Put here: asking the tables of a work file and of a release. Keep out: scores (dbt), how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import SpmError
from pipelines.publish.releases import Releases
from pipelines.registry.methods import Band, methods
from pipelines.warehouse.parquet import read
from pipelines.warehouse.release_tables import rows_of

MODELS = ("mart_region_score", "mart_sector_score")
"""What a work file has to hold beside its findings; with all that they are made from."""
_HUNDREDTH = Decimal("0.01")
_NONE_BEFORE = "(select * from marts.{} where false)"
_SECTORS = """
with

-- a submission speaks for a sector when it has an accepted row there
spoken_for as (

    select distinct region_code, period, sector_code, true as is_sent
    from intermediate.int_rows__accepted
    where record <> 'published_index'

),

sectors as (

    select scores.*, coalesce(spoken_for.is_sent, false) as is_sent
    from marts.mart_sector_score as scores
    left join spoken_for
        on scores.region_code = spoken_for.region_code
        and scores.period = spoken_for.period
        and scores.sector_code = spoken_for.sector_code

)

select
    sent.region_code,
    sent.period,
    sent.sector_code,
    names.name_id,
    names.name_en,
    sent.is_sent,
    before.region_code is not null and before.basis is not null as was_there,
    before.index as before,
    case when sent.is_sent or before.basis is null then sent.index else before.index end as after
from sectors as sent
inner join marts.mart_region_score as regions
    on sent.region_code = regions.region_code and sent.period = regions.period
left join {sectors} as before
    on sent.region_code = before.region_code
    and sent.period = before.period
    and sent.sector_code = before.sector_code
left join registry.sectors as names on sent.sector_code = names.sector_code
where regions.basis = 'submitted'
order by sent.region_code, sent.period, names.sort_order, sent.sector_code
"""
_REGIONS = """
select
    sent.region_code,
    sent.region_name,
    sent.period,
    sent.method_version,
    sent.index as of_file,
    before.index as before
from marts.mart_region_score as sent
left join {regions} as before on sent.region_code = before.region_code and sent.period = before.period
where sent.basis = 'submitted'
order by sent.period, sent.region_code
"""


@dataclass(frozen=True, slots=True)
class SectorMove:
    """The index of a sector, before and after; ``is_sent``: the file holds it."""

    name_id: str
    name_en: str
    is_sent: bool
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class IndexMove:
    """The index of a region in a quarter, before and after a file, as it is shown, with its band.

    None before: no release has one. None after: nothing in the file applies.
    """

    region_code: str
    region_name: str
    period: str
    before: str | None
    before_band: str | None
    after: str | None
    after_band: str | None
    sectors: list[SectorMove] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IndexMoves:
    """The moves that a file makes beside a release; ``why_none`` says why there is nothing before."""

    moves: list[IndexMove]
    release_id: str | None
    is_demo: bool
    why_none: str | None = None


def index_moves(work_file: Path, published: Path) -> IndexMoves:
    """What the file in ``work_file`` would move in the current release of ``published``."""
    release, tables, why_none = _release(Releases(published))
    with duckdb.connect(str(work_file), read_only=True) as connection:
        sources = {
            name: f"(select * from {read(tables[table])})" if table in tables else _NONE_BEFORE.format(table)
            for name, table in (("regions", MODELS[0]), ("sectors", MODELS[1]))
        }
        regions = rows_of(connection, _REGIONS.format(**sources))
        sectors = rows_of(connection, _SECTORS.format(**sources))
    bands = {method.method_version: method.bands for method in methods()}
    of_region: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sectors:
        of_region.setdefault((row["region_code"], row["period"]), []).append(row)
    moves = [
        _move(row, of_region.get((row["region_code"], row["period"]), []), bands[row["method_version"]])
        for row in regions
    ]
    return IndexMoves(moves, release and release[0], bool(release and release[1]), why_none)


def _release(releases: Releases) -> tuple[tuple[str, bool] | None, dict[str, Path], str | None]:
    """The current release, its two tables proved, or why they are not read."""
    try:
        current = releases.current()
        if current is None:
            return None, {}, None
        tables = {name: releases.table(current.release_id, name) for name in MODELS}
    except SpmError as error:
        return None, {}, str(error)
    return (current.release_id, current.content.is_demo), tables, None


def _move(row: dict[str, Any], sectors: Sequence[dict[str, Any]], bands: Sequence[Band]) -> IndexMove:
    after = row["of_file"]
    # what the file does not hold stays as it is published: the mean is then of both
    if any(one["was_there"] and not one["is_sent"] for one in sectors):
        parts = [one["after"] for one in sectors if one["after"] is not None]
        after = _mean(parts)
    before, after = _shown(row["before"], bands), _shown(after, bands)
    return IndexMove(
        row["region_code"],
        row["region_name"],
        row["period"],
        *before,
        *after,
        [
            SectorMove(
                one["name_id"] or one["sector_code"],
                one["name_en"] or one["sector_code"],
                one["is_sent"],
                _shown(one["before"], bands)[0],
                _shown(one["after"], bands)[0],
            )
            for one in sectors
        ],
    )


def _mean(parts: Sequence[Decimal]) -> Decimal | None:
    """The mean with six decimals, cut: what lies below a bound does not reach it."""
    if not parts:
        return None
    return Decimal(sum(int(part.scaleb(6)) for part in parts) // len(parts)).scaleb(-6)


def _shown(index: Decimal | None, bands: Sequence[Band]) -> tuple[str | None, str | None]:
    """The index with two decimals, half up but never over a bound, and the name of its band."""
    if index is None:
        return None, None
    rounded = index.quantize(_HUNDREDTH, ROUND_HALF_UP)
    if any(index < band.lower_bound <= rounded for band in bands):
        rounded = index.quantize(_HUNDREDTH, ROUND_FLOOR)
    name = next((band.name_id for band in reversed(bands) if band.lower_bound <= index), None)
    return str(rounded), name
