"""What must hold of compliance and timeliness."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import limit, listed

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
        # a breaker: whose window is open may still report; press figures are no report
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select now.period, now.region_code, now.before, now.vanished, now.reported_before
                from (
                    select base.period, compliance.region_code, base.base_period as before,
                        compliance.timeliness, count(*) over same as reported_before,
                        count(*) filter (where compliance.timeliness = 'missing') over same as vanished
                    from (
                        select *
                        from reporter_bases
                        where base_period not in ({listed(["", *facts.closed_periods])})
                        qualify base_period = max(base_period) over (partition by period)
                    ) as base
                    inner join {{batch}} as compliance
                        on base.period = compliance.period
                        and base.region_code = compliance.current_region_code
                    left join mart_region_score as scores
                        on compliance.region_code = scores.region_code
                        and compliance.period = scores.period
                    where not coalesce(scores.is_interim, false)
                    window same as (partition by base.period)
                ) as now
                where now.timeliness = 'missing' and not coalesce(
                    now.reported_before < {limit("CO-006", "min_reporters", "now")}
                    or now.vanished <= now.reported_before * {limit("CO-006", "max_fall_share", "now")},
                    false
                )
                order by now.period, now.region_code
            """,
            meta=check("CO-006"),
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
