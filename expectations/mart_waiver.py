"""What must hold of the waivers. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_waiver"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    periods = ", ".join(f"'{period}'" for period in facts.periods)
    return [
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select waiver_id, period, count(*) as row_count
                from {{batch}}
                group by waiver_id, period
                having count(*) > 1 or waiver_id is null or period is null or period not in ({periods})
            """,
            meta=check("WV-001"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select coalesce(waivers.period, findings.period) as period,
                    coalesce(waivers.waiver_id, findings.waiver_id) as waiver_id,
                    waivers.findings_waived, findings.row_count
                from (
                    select period, waiver_id, rule_id, region_code, findings_waived
                    from {batch}
                    where findings_waived is distinct from 0
                ) as waivers
                full outer join (
                    select period, waiver_id, rule_id, region_code, count(*) as row_count
                    from mart_finding
                    where waiver_id is not null and status <> 'fixed'
                    group by period, waiver_id, rule_id, region_code
                ) as findings
                    on waivers.period = findings.period
                    and waivers.waiver_id = findings.waiver_id
                    and waivers.rule_id = findings.rule_id
                    and waivers.region_code = findings.region_code
                where waivers.findings_waived is distinct from findings.row_count
            """,
            meta=check("WV-002"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select waiver_id, period, outcome, approver, letter, reason_id, granted_on, expires_on
                from {batch}
                where not coalesce(
                    approver <> '' and letter <> '' and reason_id <> '' and reason_en <> ''
                    and granted_on <= expires_on
                    and case outcome
                        when 'applied' then findings_waived > 0
                        when 'expired' then findings_waived = 0 and findings_too_late > 0
                        when 'unused' then findings_waived + findings_too_late = 0
                    end,
                    false
                )
            """,
            meta=check("WV-003"),
        ),
    ]
