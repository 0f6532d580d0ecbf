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
_DERIVED = """
case
    when scores.basis = 'submitted' and scores.index is not null then 'with_index'
    when scores.index is not null then 'press'
    when compliance.timeliness <> 'missing' then 'reported_without_index'
    when compliance.documents_rejected > 0 then 'refused'
    when scores.is_interim then 'not_yet_due'
    else 'not_sent'
end
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

    Releases of before that column was published have it worked out from what they hold.
    """
    found = tables.row(_COLUMN)
    is_published = found is not None and found["found"] > 0
    tables.execute(_TABLE.format(status="compliance.reporting_status" if is_published else _DERIVED))
