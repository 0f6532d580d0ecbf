"""How far a candidate would change what is published: the regions whose place moves, the national indexes.

Regions that report for the first time change nobody's place: ranks are compared among those that had one
before and have one now, and one that moves takes its neighbours with it, so a few places do not count.

Put here: that measure against ``gate_limits.csv`` (``AP-…``). Keep out: who decides (``approval``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.candidate import NATIONAL_BASES, Candidate
from pipelines.registry.gate_limits import GateLimit, gate_limits
from pipelines.registry.periods import Period
from pipelines.warehouse.parquet import read
from pipelines.warehouse.release_tables import Row, rows_of

REGIONS, NATIONAL = "AP-001", "AP-002"
SHOWN = 100
"""Regions that a summary lists of a period, those that move furthest first."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a release would change beyond a limit; values are text or whole numbers, lists are sorted.

    ``points``: ``point`` AP-001 with ``period``, ``regions_published``, ``regions_moved``, ``bands_moved``;
    AP-002 with ``period``, ``scope``, ``index_before``, ``index_now``.
    ``regions`` (of AP-001): ``period``, ``region_code``, ``region_name``, and ``index``, ``band``, ``rank``
    each with ``_before`` and ``_now``.
    """

    points: list[Row]
    regions: list[Row]


def change_of(candidate: Candidate, release: Path) -> Change:
    """The change of the candidate against the published ``release``, where it is above a limit."""
    with duckdb.connect() as connection:
        _views(connection, candidate, release)
        _limits(connection, gate_limits())
        points = [*rows_of(connection, _MOVED_REGIONS), *rows_of(connection, _MOVED_INDEXES)]
        periods = [point["period"] for point in points if point["point"] == REGIONS]
        return Change(points, rows_of(connection, _LISTED, periods=periods) if periods else [])


def _views(connection: duckdb.DuckDBPyConnection, candidate: Candidate, release: Path) -> None:
    tables = {
        "regions_before": release / "mart_region_score.parquet",
        "regions_now": candidate.file("mart_region_score"),
        "national_now": candidate.file("mart_national_score"),
        "dim_period": candidate.file("dim_period"),
        "bases": candidate.file(NATIONAL_BASES),
    }
    for name, path in tables.items():
        connection.execute(f"create view {name} as select * from {read(path)}")
    connection.execute(_MOVES)


def _limits(connection: duckdb.DuckDBPyConnection, limits: Sequence[GateLimit]) -> None:
    connection.execute(
        "create table limits (check_id varchar, parameter varchar, period varchar, value decimal(38, 12))"
    )
    found = connection.execute("select distinct period from regions_before").fetchall()
    held = [
        (limit.check_id, limit.parameter, period, limit.value)
        for limit in limits
        for (period,) in found
        if limit.check_id in (REGIONS, NATIONAL) and limit.holds_in(Period.parse(period))
    ]
    if held:
        connection.executemany("insert into limits values (?, ?, ?, ?)", held)
    # the period that it is given has to name its table: without one it is that of the limits
    connection.execute(
        "create macro limit_of(check_id_, name_, period_) as (select value from limits"
        " where check_id = check_id_ and parameter = name_ and period = period_)"
    )


_MOVES = """
    create view moves as
    with both_ranked as (
        select
            before.region_code,
            before.period,
            rank() over (partition by before.period, before.level order by before.rank_national)
            - rank() over (partition by before.period, before.level order by now.rank_national) as places
        from regions_before as before
        inner join regions_now as now
            on before.region_code = now.region_code and before.period = now.period
        where before.rank_national is not null and now.rank_national is not null
    )
    select
        before.period,
        before.region_code,
        before.region_name,
        before.index as index_before,
        now.index as index_now,
        before.band_code as band_before,
        now.band_code as band_now,
        before.rank_national as rank_before,
        now.rank_national as rank_now,
        abs(coalesce(both_ranked.places, 0)) as places
    from regions_before as before
    left join regions_now as now
        on before.region_code = now.region_code and before.period = now.period
    left join both_ranked
        on before.region_code = both_ranked.region_code and before.period = both_ranked.period
    where before.index is not null
"""

_MOVED = """
    (
        band_now is distinct from band_before
        or places > coalesce(limit_of('AP-001', 'max_places', moves.period), 0)
    )
"""

# without a limit every change waits
_MOVED_REGIONS = f"""
    select 'AP-001' as point, period, count(*) as regions_published,
        count(*) filter (where {_MOVED}) as regions_moved,
        count(*) filter (where band_now is distinct from band_before) as bands_moved
    from moves
    group by period
    having not coalesce(
        count(*) < limit_of('AP-001', 'min_regions', moves.period)
        or count(*) filter (where {_MOVED}) <= count(*) * limit_of('AP-001', 'max_share', moves.period),
        count(*) filter (where {_MOVED}) = 0
    )
    order by period
"""

# while the window is open new reporters move an index, and that is no change of what was reported
_MOVED_INDEXES = """
    select 'AP-002' as point, now.period, now.scope,
        cast(base.index as varchar) as index_before, cast(now.index as varchar) as index_now
    from national_now as now
    inner join bases as base
        on now.period = base.period and now.scope = base.scope and base.base_period = now.period
    inner join dim_period as periods
        on now.period = periods.period
    where base.index is not null and not coalesce(
        base.regions_with_index < limit_of('AP-002', 'min_reporters', now.period)
        or abs(now.index - base.index) <= limit_of('AP-002', 'max_change', now.period)
        or (
            cast(base.known_until + interval 7 hour as date) <= periods.window_closes_on
            and abs(now.regions_with_index - base.regions_with_index)
            > base.regions_with_index * limit_of('AP-002', 'max_reporters_share', now.period)
        ),
        now.index is not distinct from base.index
    )
    order by now.period, now.scope
"""

_LISTED = f"""
    select period, region_code, region_name,
        cast(index_before as varchar) as index_before, cast(index_now as varchar) as index_now,
        band_before, band_now, rank_before, rank_now
    from moves
    where {_MOVED} and period in (select unnest($periods))
    qualify row_number() over (partition by period order by places desc, region_code) <= {SHOWN}
    order by period, places desc, region_code
"""
