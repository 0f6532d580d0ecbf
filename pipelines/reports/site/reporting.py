"""What each region reported for each quarter, in one code: the table ``reporting`` for every page.

Put here: that table. Keep out: the words of its codes (``labels``), counting them (the pages).
"""

from __future__ import annotations

from pipelines.warehouse.release_tables import ReleaseTables

_COLUMN = """
select count(*) as found
from duckdb_columns()
where table_name = 'mart_compliance' and column_name = 'reporting_status'
"""
_TABLE = """
create temp table reporting as
select scores.region_code, scores.period, {status} as reporting_status
from mart_region_score as scores
left join mart_compliance as compliance
    on scores.region_code = compliance.region_code and scores.period = compliance.period
"""


def make_reporting(tables: ReleaseTables) -> None:
    """Make the table ``reporting``: region, period and ``reporting_status``.

    Of releases of before that column was published it is null: it is worked out in one place alone.
    """
    found = tables.row(_COLUMN)
    is_published = found is not None and found["found"] > 0
    tables.execute(_TABLE.format(status="compliance.reporting_status" if is_published else "null::varchar"))
