"""What must hold of the indicators of PP 65/2005. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import comes_from_a_submission, doubts_are_named, key_is_unique

TABLE = "mart_legacy_attainment"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectColumnDistinctValuesToBeInSet(
            column="period", value_set=list(facts.periods), meta=check("LG-001")
        ),
        key_is_unique("LG-002", ["region_code", "period", "indicator_code"]),
        comes_from_a_submission("LG-003"),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, indicator_code, status, numerator, denominator
                from {batch}
                where not coalesce(
                    case status
                        when 'reported' then numerator > 0 and denominator > 0
                        when 'zero' then numerator = 0 and denominator > 0
                        when 'missing' then numerator is null or denominator is null
                        when 'not_applicable'
                            then coalesce(denominator, 0) = 0 and coalesce(numerator, 0) >= 0
                    end,
                    false
                )
            """,
            meta=check("LG-004"),
        ),
        # percents of a target stand just where the achieved percent and that target do; none is below zero
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, indicator_code, status, achieved_percent, own_target_percent,
                    percent_of_own_target, national_target_percent, percent_of_national_target
                from {batch}
                where (achieved_percent is not null) is distinct from (status in ('reported', 'zero'))
                    or (percent_of_own_target is not null) is distinct from (
                        achieved_percent is not null and coalesce(own_target_percent, 0) > 0
                    )
                    or (percent_of_national_target is not null) is distinct from (
                        achieved_percent is not null and coalesce(national_target_percent, 0) > 0
                    )
                    or achieved_percent < 0 or percent_of_own_target < 0 or percent_of_national_target < 0
            """,
            meta=check("LG-005"),
        ),
        doubts_are_named("LG-006", facts),
    ]
