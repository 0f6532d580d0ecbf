"""What must hold of the findings. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_finding"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select quarantine.period, quarantine.rule_id, quarantine.source_ref
                from mart_quarantine as quarantine
                left join {batch} as findings
                    on quarantine.rule_id = findings.rule_id and quarantine.source_ref = findings.source_ref
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
    ]
