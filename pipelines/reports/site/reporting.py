"""What each region reported for each quarter, in one code: the table ``reporting`` for every page.

Put here: that table. Keep out: the words of its codes (``labels``), counting them (the pages).
"""

from __future__ import annotations

from pipelines.warehouse.release_tables import ReleaseTables

_TABLE = """
create temp table reporting as
select scores.region_code, scores.period, compliance.reporting_status
from mart_region_score as scores
left join mart_compliance as compliance
    on scores.region_code = compliance.region_code and scores.period = compliance.period
"""


def make_reporting(tables: ReleaseTables) -> None:
    """Make the table ``reporting``: region, period and ``reporting_status``."""
    tables.execute(_TABLE)
