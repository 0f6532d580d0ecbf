"""What must hold of the rules themselves: each that is valid judged its period, and all it found is told.

Held against the registry as files, not as dbt loaded it: a rule that got lost on the way closes the gate.
"""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique

TABLE = "mart_rule"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("RU-001")),
        gxe.ExpectColumnDistinctValuesToContainSet(
            column="period", value_set=list(facts.periods), meta=check("RU-002")
        ),
        key_is_unique("RU-003", ["period", "rule_id"]),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                with rules as ({_rules(facts)}),
                owed as (
                    select judged_periods.period, rules.rule_id
                    from judged_periods
                    inner join rules
                        on coalesce(rules.valid_from <= judged_periods.period, true)
                        and coalesce(rules.valid_to >= judged_periods.period, true)
                )
                select coalesce(owed.period, ran.period) as period,
                    coalesce(owed.rule_id, ran.rule_id) as rule_id,
                    if(owed.rule_id is null, 'not a rule of this period', 'did not run') as fault
                from owed
                full outer join {{batch}} as ran
                    on owed.period = ran.period and owed.rule_id = ran.rule_id
                where ran.rule_id is null
                    or ran.rule_id not in (select rule_id from rules)
                    or (owed.rule_id is null and ran.period is not null)
            """,
            meta=check("RU-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, rule_id, status, assessed, broken, waived
                from {batch}
                where status is distinct from 'ran'
                    or not coalesce(0 <= waived and waived <= broken and broken <= assessed, false)
            """,
            meta=check("RU-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select coalesce(ran.period, found.period) as period,
                    coalesce(ran.rule_id, found.rule_id) as rule_id,
                    ran.broken, found.findings
                from {batch} as ran
                full outer join (
                    select period, rule_id, count(*) as findings
                    from mart_finding
                    where status is distinct from 'fixed'
                    group by period, rule_id
                ) as found
                    on ran.period is not distinct from found.period and ran.rule_id = found.rule_id
                where coalesce(ran.broken, 0) <> coalesce(found.findings, 0)
            """,
            meta=check("RU-006"),
        ),
    ]


def _rules(facts: RunFacts) -> str:
    listed = ", ".join(
        f"('{rule_id}', {_text(first)}, {_text(last)})" for rule_id, first, last in facts.rules
    )
    return f"select * from (values {listed}) as listed (rule_id, valid_from, valid_to)"


def _text(period: str | None) -> str:
    return "cast(null as varchar)" if period is None else f"'{period}'"
