"""What must hold of the budgets by service. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique, parts_of_wholes, sums_move_little
from expectations.sums import MONEY

TABLE = "mart_budget"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        key_is_unique("BU-001", ["region_code", "period", "sector_code", "service_code"]),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(lines.region_code, budgets.region_code) as region_code,
                    coalesce(lines.period, budgets.period) as period,
                    lines.allocated_idr as lines_allocated, budgets.allocated_idr,
                    lines.spent_idr as lines_spent, budgets.spent_idr,
                    lines.doubtful_lines as lines_left_out, budgets.doubtful_lines
                from {batch} as budgets
                full outer join (
                    select
                        region_code, period, sector_code, service_code,
                        sum(allocated_idr) filter (where not is_doubtful) as allocated_idr,
                        sum(spent_idr) filter (where not is_doubtful) as spent_idr,
                        count(*) filter (where is_doubtful) as doubtful_lines
                    from fct_budget
                    group by region_code, period, sector_code, service_code
                ) as lines
                    on lines.region_code = budgets.region_code and lines.period = budgets.period
                    and lines.sector_code is not distinct from budgets.sector_code
                    and lines.service_code is not distinct from budgets.service_code
                where lines.region_code is null or budgets.region_code is null
                    or lines.allocated_idr is distinct from budgets.allocated_idr
                    or lines.spent_idr is distinct from budgets.spent_idr
                    or lines.doubtful_lines is distinct from budgets.doubtful_lines
            """,
            meta=check("BU-002"),
        ),
        # no upper bound: spending above the allocation is a finding (VAL-006), not a fault of the table
        gxe.ExpectColumnValuesToBeBetween(column="spent_percent", min_value=0, meta=check("BU-003")),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, sector_code, service_code, allocated_idr, spent_idr, spent_percent
                from {batch}
                where (spent_percent is not null)
                    <> coalesce(allocated_idr > 0 and spent_idr is not null, false)
            """,
            meta=check("BU-004"),
        ),
        parts_of_wholes("BU-005", MONEY),
        sums_move_little("BU-006", MONEY, facts),
    ]
