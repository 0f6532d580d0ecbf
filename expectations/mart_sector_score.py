"""What must hold of the sector scores."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_sector_score"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("SE-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("SE-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["region_code", "period", "sector_code"], meta=check("SE-003")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="index", min_value=0, max_value=facts.highest_percent, meta=check("SE-004")
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select scores.region_code, scores.period, coalesce(counted.sectors, 0) as sectors
                from mart_region_score as scores
                left join (
                    select region_code, period, count(distinct sector_code) as sectors
                    from {batch}
                    group by region_code, period
                ) as counted
                    on scores.region_code = counted.region_code and scores.period = counted.period
                where scores.method_version is not null
                    and coalesce(counted.sectors, 0) <> (select count(*) from dim_sector)
            """,
            meta=check("SE-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, sector_code, services_reported, index
                from {batch}
                where index is null and services_reported > 0
            """,
            meta=check("SE-006"),
        ),
    ]
