"""What must hold of the service scores."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_service_score"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("SV-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("SV-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["region_code", "period", "service_code"], meta=check("SV-003")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="index", min_value=0, max_value=facts.highest_percent, meta=check("SV-004")
        ),
        # spelt out, because an `in set` passes a column of nulls
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, service_code, status
                from {batch}
                where status is null or status not in ('reported', 'missing', 'not_applicable')
            """,
            meta=check("SV-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, service_code, status, index
                from {batch}
                where status = 'reported' and (index is null or recipients_index is null)
            """,
            meta=check("SV-006"),
        ),
    ]
