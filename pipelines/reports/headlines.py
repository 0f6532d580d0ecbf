"""The headline figures of a folder of tables (a release, a what-if, what was known on a day).

Put here: the national indexes, who reported, the regions in order of their index. Keep out: printing
(``cli.show``), the pages of the site (``reports.site``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.messages import Message, message
from pipelines.registry.codes import codes_of
from pipelines.warehouse.release_tables import Row, release_tables

_NATIONAL = """
    select
        national.period,
        max(national.index) filter (where scope = 'national') as national,
        max(national.index) filter (where scope = 'province') as province,
        max(national.index) filter (where scope = 'regency_city') as regency_city,
        max(bands.name_id) filter (where scope = 'national') as band_name,
        max(regions_reported || ' / ' || regions_expected) filter (where scope = 'national') as reported
    from mart_national_score as national
    left join dim_band as bands
        on national.band_code = bands.band_code and national.method_version = bands.method_version
    where list_contains($periods, national.period)
    group by national.period
    order by national.period
"""
_REPORTING = """
    select period, reporting_status, count(*) as regions
    from mart_compliance
    where list_contains($periods, period)
    group by period, reporting_status
    order by period, reporting_status
"""
_BY_INDEX = """
    select
        region_code,
        region_name,
        index_display,
        band_name,
        cast(floor(100 * completeness) as integer) as complete_percent
    from mart_region_score
    where period = $period and index is not null
    order by index desc, region_code
"""


def national_by_period(folder: Path, periods: Sequence[str]) -> list[Row]:
    """The indexes of the nation and of both tiers, the nation's band, and who reported: a row a period."""
    with release_tables(folder) as tables:
        return tables.rows(_NATIONAL, periods=list(periods))


def reporting_by_period(folder: Path, periods: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many regions stand under each code of ``reporting_status``, by period; every region under one."""
    found: dict[str, dict[str, int]] = {}
    with release_tables(folder) as tables:
        for row in tables.rows(_REPORTING, periods=list(periods)):
            found.setdefault(row["period"], {})[row["reporting_status"]] = row["regions"]
    return found


def reporting_said(counts: Mapping[str, int]) -> Message:
    """How many regions owe a report, and how many of them stand under each word, in one sentence."""
    told = [
        message("reporting.count", what=code.words, count=counts[code.code])
        for code in codes_of("reporting_status").values()
        if counts.get(code.code)
    ]
    listed = Message("; ".join(one.indonesian for one in told), "; ".join(one.english for one in told))
    return message("reporting.counts", expected=sum(counts.values()), counts=listed)


def by_index(folder: Path, period: str) -> list[Row]:
    """The regions that have an index in ``period``, the highest first."""
    with release_tables(folder) as tables:
        return tables.rows(_BY_INDEX, period=period)
