"""What must hold of the sector scores."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_sector_score"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("SE-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=list(facts.periods), meta=check("SE-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["region_code", "period", "sector_code"], meta=check("SE-003")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="index", min_value=0, max_value=facts.highest_percent, meta=check("SE-004")
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, count(*) as sectors
                from {batch}
                group by region_code, period
                having count(*) <> (select count(*) from dim_sector)
            """,
            meta=check("SE-005"),
        ),
    ]
