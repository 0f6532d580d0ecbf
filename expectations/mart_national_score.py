"""What must hold of the national scores."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_national_score"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("NA-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("NA-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["period", "scope"], meta=check("NA-003")),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select national.period, national.scope, national.index
                from {batch} as national
                inner join (
                    select period, min(index) as lowest, max(index) as highest
                    from mart_region_score
                    group by period
                ) as regions on national.period = regions.period
                where national.scope in ('national', 'province', 'regency_city')
                    and (
                        national.index > regions.highest
                        or (national.index is null and national.regions_reported > 0)
                        or (national.index < regions.lowest
                            and national.regions_reported = national.regions_expected)
                    )
            """,
            meta=check("NA-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, scope, regions_reported, regions_expected
                from {batch}
                where not coalesce(regions_reported <= regions_expected, false)
            """,
            meta=check("NA-005"),
        ),
    ]
