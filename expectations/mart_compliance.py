"""What must hold of compliance and timeliness."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_compliance"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("CO-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=list(facts.periods), meta=check("CO-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["region_code", "period"], meta=check("CO-003")),
        # spelt out, because an `in set` passes a column of nulls
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, timeliness
                from {batch}
                where timeliness is null or timeliness not in ('on_time', 'late', 'missing')
            """,
            meta=check("CO-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select scores.region_code, scores.period
                from mart_region_score as scores
                left join {batch} as compliance
                    on scores.region_code = compliance.region_code and scores.period = compliance.period
                where compliance.region_code is null
            """,
            meta=check("CO-005"),
        ),
    ]
