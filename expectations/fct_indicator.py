"""What must hold of the indicator facts."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import listed, parts_of_wholes, sums_move_little
from expectations.sums import PEOPLE

TABLE = "fct_indicator"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("FI-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("FI-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["region_code", "period", "subject"], meta=check("FI-003")
        ),
        # spelt out, because an `in set` passes a column of nulls
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, subject, status
                from {batch}
                where status is null or status not in ('reported', 'zero', 'missing', 'not_applicable')
            """,
            meta=check("FI-004"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="percent", min_value=0, max_value=facts.highest_percent, meta=check("FI-005")
        ),
        # `not null` beside `between`, which an all-null column passes
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, subject, status, percent, source_ref
                from {batch}
                where status in ('reported', 'zero') and (percent is null or source_ref is null)
            """,
            meta=check("FI-006"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, subject, source_ref
                from {batch}
                where not regexp_full_match(source_ref, '([0-9a-f]{{12}}|[a-z][a-z0-9_]*):.+')
            """,
            meta=check("FI-007"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select owed.region_code, owed.period, owed.service_code
                from mart_service_score as owed
                left join {batch} as facts
                    on facts.region_code = owed.region_code and facts.period = owed.period
                    and facts.service_code = owed.service_code and facts.component = 'recipients'
                where facts.region_code is null
            """,
            meta=check("FI-008"),
        ),
        # a finding is about a row when it names its subject and one of its two cells
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select marked.region_code, marked.period, marked.subject, marked.is_doubtful,
                    marked.doubtful_rule_id, min(doubts.rule_id) as rule_id
                from {{batch}} as marked
                left join mart_finding as doubts
                    on marked.region_code = doubts.region_code and marked.period = doubts.period
                    and marked.subject = doubts.subject
                    and doubts.source_ref in (marked.source_ref, marked.target_source_ref)
                    and doubts.status <> 'fixed' and doubts.waiver_id is null
                    and doubts.rule_id in ({listed(facts.doubting)})
                group by marked.region_code, marked.period, marked.subject, marked.is_doubtful,
                    marked.doubtful_rule_id
                having marked.is_doubtful is distinct from (min(doubts.rule_id) is not null)
                    or marked.doubtful_rule_id is distinct from min(doubts.rule_id)
            """,
            meta=check("FI-009"),
        ),
        parts_of_wholes("FI-010", PEOPLE),
        sums_move_little("FI-011", PEOPLE, facts),
    ]
