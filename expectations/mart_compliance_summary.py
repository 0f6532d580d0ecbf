"""What must hold of compliance by level and province: it says what the regions' rows say."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_compliance_summary"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("CS-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=list(facts.periods), meta=check("CS-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["period", "level", "province_code"], meta=check("CS-003")
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(summed.period, counted.period) as period,
                    coalesce(summed.level, counted.level) as level,
                    coalesce(summed.province_code, counted.province_code) as province_code,
                    summed.expected, counted.expected as expected_regions,
                    summed.reported, counted.reported as reported_regions,
                    summed.on_time, counted.on_time as on_time_regions,
                    summed.with_index, summed.reported_without_index, summed.from_press, summed.refused,
                    summed.not_sent, summed.not_yet_due
                from {batch} as summed
                full outer join (
                    select
                        period, level, province_code,
                        count(*) as expected,
                        count(*) filter (where timeliness in ('on_time', 'late')) as reported,
                        count(*) filter (where timeliness = 'on_time') as on_time,
                        count(*) filter (where reporting_status = 'with_index') as with_index,
                        count(*) filter (where reporting_status = 'refused') as refused,
                        count(*) filter (where reporting_status = 'not_sent') as not_sent,
                        count(*) filter (where reporting_status = 'not_yet_due') as not_yet_due
                    from mart_compliance
                    group by period, level, province_code
                ) as counted
                    on summed.period = counted.period and summed.level = counted.level
                    and summed.province_code = counted.province_code
                where summed.expected is distinct from counted.expected
                    or summed.reported is distinct from counted.reported
                    or summed.on_time is distinct from counted.on_time
                    or summed.with_index is distinct from counted.with_index
                    or summed.refused is distinct from counted.refused
                    or summed.not_sent is distinct from counted.not_sent
                    or summed.not_yet_due is distinct from counted.not_yet_due
                    or summed.with_index + summed.reported_without_index is distinct from counted.reported
                    or summed.reported + summed.from_press + summed.refused + summed.not_sent
                        + summed.not_yet_due is distinct from counted.expected
            """,
            meta=check("CS-004"),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="expected", column_B="reported", or_equal=True, meta=check("CS-005")
        ),
        # stored with four decimals of a percent, half up
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, level, province_code, expected, reported, percent_reported
                from {batch}
                where not coalesce(
                    abs(percent_reported * expected - 100 * reported) <= 0.00005 * expected, false
                )
            """,
            meta=check("CS-006"),
        ),
    ]
