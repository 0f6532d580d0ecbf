"""What must hold of the findings. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_finding"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        # one finding tells all rows of a sector that is held back whole: each of them names it
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select quarantine.period, quarantine.rule_id, quarantine.source_ref, quarantine.finding_ref
                from mart_quarantine as quarantine
                left join (
                    select distinct rule_id, source_ref, submission_id
                    from {batch}
                    where status <> 'fixed'
                ) as findings
                    on quarantine.rule_id = findings.rule_id
                    and quarantine.finding_ref = findings.source_ref
                    and quarantine.submission_id = findings.submission_id
                where findings.rule_id is null
            """,
            meta=check("FN-001"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, rule_id, source_ref
                from {batch}
                where coalesce(message_id, '') = '' or coalesce(message_en, '') = ''
            """,
            meta=check("FN-002"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select findings.period, findings.rule_id, findings.source_ref
                from {batch} as findings
                left join (
                    select distinct rule_id, finding_ref, submission_id from mart_quarantine
                ) as quarantine
                    on findings.rule_id = quarantine.rule_id
                    and findings.source_ref = quarantine.finding_ref
                    and findings.submission_id = quarantine.submission_id
                where findings.severity = 'fatal' and findings.status <> 'fixed'
                    and findings.waiver_id is null and quarantine.rule_id is null
            """,
            meta=check("FN-003"),
        ),
    ]
