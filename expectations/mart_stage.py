"""What must hold of the four stages. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique

TABLE = "mart_stage"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        key_is_unique("ST-001", ["region_code", "period", "sector_code", "stage"]),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(lines.region_code, stages.region_code) as region_code,
                    coalesce(lines.period, stages.period) as period,
                    coalesce(lines.stage, stages.stage) as stage,
                    lines.realised as submitted, stages.realised
                from {batch} as stages
                full outer join (select * from fct_stage where record = 'stage') as lines
                    on lines.region_code = stages.region_code and lines.period = stages.period
                    and lines.sector_code is not distinct from stages.sector_code
                    and lines.stage is not distinct from stages.stage
                where lines.region_code is null or stages.region_code is null
                    or lines.target is distinct from stages.target
                    or lines.realised is distinct from stages.realised
                    or lines.status is distinct from stages.status
            """,
            meta=check("ST-002"),
        ),
        # 100 whatever the policy of the score: a stage is done at most once
        gxe.ExpectColumnValuesToBeBetween(
            column="realised_percent", min_value=0, max_value=100, meta=check("ST-003")
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, sector_code, stage, target, realised, realised_percent
                from {batch}
                where (realised_percent is not null)
                    <> coalesce(target > 0 and realised is not null, false)
            """,
            meta=check("ST-004"),
        ),
    ]
