"""The index as SDMX-CSV 2.0, with its structure and the codes of its dimensions beside it.

A code of SDMX holds no point: region 64.71 is ``64_71`` here, the nation ``ID``. ``_T`` is the total: all
sectors, both tiers. OBS_STATUS is A where there is a value, L where the region did not report, M where
nothing was applicable or no region has an index; the value is NaN then. An attribute without a value is
``_Z``: readers take an empty cell for one that nobody filled in, and some cannot read it.

Source: SDMX-CSV field guide 2.0; code list CL_OBS_STATUS 2.

Put here: observations and codes. Keep out: the structure message (``sdmx_structure``), other tables
(``csv_files``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.publish.open_data import sdmx_structure
from pipelines.publish.open_data.sdmx_structure import AGENCY, FLOW, VERSION, Code
from pipelines.publish.open_data.tables import DEMO_COLUMN, PublicTable
from pipelines.submissions.demo_mark import marked_title
from pipelines.warehouse.parquet import quoted

STRUCTURE = f"{AGENCY}:{FLOW}({VERSION})"
OBSERVATIONS, CODES, MESSAGE = "sdmx/spm-index.csv", "sdmx/codelists.csv", "sdmx/structure.xml"
MEDIA_TYPE = "application/vnd.sdmx.data+csv; version=2.0.0"
MESSAGE_TYPE = "application/vnd.sdmx.structure+xml; version=2.1"
DIMENSIONS = ("FREQ", "REF_AREA", "TIER", "SECTOR", "TIME_PERIOD")
COLUMNS = (
    *("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", "OBS_STATUS"),
    *("UNIT_MEASURE", "DECIMALS", "BAND", "METHOD", "BASIS"),
)
COMMENT = "COMMENT_OBS"
"""The attribute of SDMX for a remark on an observation."""

_OBSERVED = """
    select
        replace(region_code, '.', '_') as ref_area,
        if(level = 'province', 'province', 'regency_city') as tier,
        '_T' as sector,
        period, index, band_code, method_version, basis,
        basis is null as is_silent
    from {mart_region_score}
    union all
    select
        replace(own.region_code, '.', '_'),
        if(regions.level = 'province', 'province', 'regency_city'),
        own.sector_code,
        own.period, own.index, null, own.method_version, own.basis,
        regions.basis is null
    from {mart_sector_score} as own
    inner join {mart_region_score} as regions
        on own.region_code = regions.region_code and own.period = regions.period
    union all
    select
        'ID',
        if(scope in ('province', 'regency_city'), scope, '_T'),
        if(scope in ('national', 'province', 'regency_city'), '_T', scope),
        period, index, band_code, method_version, null, false
    from {mart_national_score}
"""

_CODES = """
    select 'CL_AREA' as codelist, replace(region_code, '.', '_') as code,
        max_by(region_name, coalesce(valid_from, date '1900-01-01')) as name_id, name_id as name_en,
        if(bool_or(level = 'province'), 'ID', split_part(region_code, '.', 1)) as parent
    from {dim_region} group by region_code
    union all values ('CL_AREA', 'ID', 'Indonesia', 'Indonesia', null)
    union all select 'CL_SECTOR', sector_code, name_id, name_en, '_T' from {dim_sector}
    union all values
        ('CL_SECTOR', '_T', 'Semua bidang', 'All sectors', null),
        ('CL_TIER', '_T', 'Semua tingkat', 'All tiers', null),
        ('CL_TIER', 'province', 'Provinsi', 'Provinces', '_T'),
        ('CL_TIER', 'regency_city', 'Kabupaten dan kota', 'Regencies and cities', '_T'),
        ('CL_FREQ', 'Q', 'Triwulanan', 'Quarterly', null),
        ('CL_UNIT', 'POINT', 'Poin, 0 sampai 100', 'Points, 0 to 100', null),
        ('CL_OBS_STATUS', 'A', 'Nilai wajar', 'Normal value', null),
        ('CL_OBS_STATUS', 'L', 'Daerah tidak melapor', 'Missing: the region did not report', null),
        ('CL_OBS_STATUS', 'M', 'Tidak berlaku', 'Missing: no value can exist', null)
    union all values
        ('CL_BAND', '_Z', 'Tidak berlaku', 'Not applicable', null),
        ('CL_BASIS', '_Z', 'Tidak berlaku', 'Not applicable', null)
    union all select distinct 'CL_BAND', band_code, name_id, name_en, null from {dim_band}
    union all select 'CL_METHOD', method_version, name_id, name_en, null from {dim_method}
    union all values
        ('CL_BASIS', 'submitted', 'Laporan daerah', 'Report of the region', null),
        ('CL_BASIS', 'published', 'Berita atau laporan lama', 'Press or past reports', null)
    order by all
"""


def write_sdmx(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, PublicTable],
    folder: Path,
    prepared_at: str,
    is_demo: bool = False,
) -> None:
    """Write observations, codes and structure below ``folder``; a period without a method has no index.

    Observations of made-up data have the attribute COMMENT_OBS, which says so; their codes have a column.
    """
    (folder / OBSERVATIONS).parent.mkdir(parents=True, exist_ok=True)
    queries = {name: f"({table.query})" for name, table in tables.items()}
    notice = quoted(marked_title())
    comment = f', {notice} as "{COMMENT}"' if is_demo else ""
    codes = _CODES.format(**queries)
    listed: dict[str, list[Code]] = {}
    for codelist, *words in connection.execute(codes).fetchall():
        listed.setdefault(codelist, []).append(Code(*words))
    message = sdmx_structure.structure_message(listed, prepared_at, is_demo)
    (folder / MESSAGE).write_bytes(message)
    if is_demo:
        codes = f"select *, {notice} as {DEMO_COLUMN} from ({codes})"
    observed = f"""
        select
            'dataflow' as "STRUCTURE", {quoted(STRUCTURE)} as "STRUCTURE_ID", 'I' as "ACTION",
            'Q' as "FREQ", ref_area as "REF_AREA", tier as "TIER", sector as "SECTOR",
            period as "TIME_PERIOD", coalesce(index::varchar, 'NaN') as "OBS_VALUE",
            case when index is not null then 'A' when is_silent then 'L' else 'M' end as "OBS_STATUS",
            'POINT' as "UNIT_MEASURE", 6 as "DECIMALS",
            coalesce(band_code, '_Z') as "BAND", method_version as "METHOD",
            coalesce(basis, '_Z') as "BASIS"{comment}
        from ({_OBSERVED.format(**queries)})
        where method_version is not null
        order by period, ref_area, tier, sector
    """
    for path, query in ((OBSERVATIONS, observed), (CODES, codes)):
        connection.execute(
            f"copy ({query}) to {quoted(folder / path)} (format csv, header, delimiter ',', nullstr '')"
        )
