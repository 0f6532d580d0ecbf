"""What must hold of ranks under other weights."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_rank_stability"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("RK-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("RK-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["region_code", "period"], meta=check("RK-003")),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(scores.region_code, moved.region_code) as region_code,
                    coalesce(scores.period, moved.period) as period,
                    scores.rank_national, moved.rank_national as rank_here,
                    scores.n_national, moved.n_national as n_here
                from (select * from mart_region_score where method_version is not null) as scores
                full outer join {batch} as moved
                    on scores.region_code = moved.region_code and scores.period = moved.period
                where scores.region_code is null or moved.region_code is null
                    or scores.rank_national is distinct from moved.rank_national
                    or scores.n_national is distinct from moved.n_national
            """,
            meta=check("RK-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, rank_national, rank_best, rank_worst, n_national, n_scenarios
                from {batch}
                where (rank_national is null) <> (rank_best is null)
                    or (rank_national is null) <> (rank_worst is null)
                    or (rank_national is null) <> (best_scenario is null or worst_scenario is null)
                    or (rank_national is null) <> (is_tied is null)
                    or not (
                        1 <= rank_best and rank_best <= rank_national
                        and rank_national <= rank_worst and rank_worst <= n_national
                    )
                    or not coalesce(n_scenarios, 0) >= 0
            """,
            meta=check("RK-005"),
        ),
        # a tie has two sides, and regions that share a rank are tied
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, level, null as region_code, 'sides' as what
                from {batch}
                group by period, level
                having count(*) filter (where is_tied_above) <> count(*) filter (where is_tied_below)
                union all
                select period, level, region_code, 'tie' as what
                from (
                    select *, count(*) over (partition by period, level, rank_national) as tie_size
                    from {batch}
                    where rank_national is not null
                )
                where is_tied is distinct from (is_tied_above or is_tied_below)
                    or (tie_size > 1 and not coalesce(is_tied, false))
            """,
            meta=check("RK-006"),
        ),
    ]
