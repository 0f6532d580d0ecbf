"""What must hold of the ledger of corrections. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_correction"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    periods = ", ".join(f"'{period}'" for period in facts.periods)
    return [
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select correction_id, period, count(*) as row_count
                from {{batch}}
                group by correction_id, period
                having count(*) > 1 or correction_id is null or period is null or period not in ({periods})
            """,
            meta=check("CR-001"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select correction_id, outcome, region_code, period, service_code, column_name, old, new, found
                from {batch}
                where outcome is distinct from 'applied' or submission_id is null or source_ref is null
            """,
            meta=check("CR-002"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select findings.region_code, findings.period, findings.source_ref, findings.value
                from mart_finding as findings
                left join {batch} as corrections
                    on findings.submission_id = corrections.submission_id
                    and findings.source_ref = corrections.source_ref
                where findings.rule_id = 'COR-001' and findings.status <> 'fixed'
                    and corrections.correction_id is null
            """,
            meta=check("CR-003"),
        ),
    ]
