"""What must hold of the awards. A year before 2019 has none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique

TABLE = "mart_award"
_CRITERIA = ", ".join(
    f"criterion_{name}" for name in ("index", "budget", "stages", "team", "action_plan", "reporting")
)


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the years of the periods of ``facts``, and for the others: it is made as a whole."""
    highest = "null" if facts.highest_percent is None else str(facts.highest_percent)
    return [
        key_is_unique("AW-001", ["region_code", "year"]),
        # a year rests on its last published quarter: no judged quarter of it comes after that
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select owed.region_code, owed.period, owed.index, awards.criterion_index, years.last_period
                from (
                    select scores.region_code, scores.period, scores.index, periods.year
                    from mart_region_score as scores
                    inner join dim_period as periods on scores.period = periods.period
                    where scores.method_version is not null
                ) as owed
                left join (select year, max(last_period) as last_period from {batch} group by year) as years
                    on owed.year = years.year
                left join {batch} as awards
                    on owed.region_code = awards.region_code and owed.period = awards.last_period
                where not coalesce(owed.period <= years.last_period, false)
                    or (owed.period = years.last_period and awards.region_code is null)
                    or (awards.score is not null and owed.index is not null
                        and owed.index is distinct from awards.criterion_index)
            """,
            meta=check("AW-002"),
        ),
        # the mean of criteria lies between them
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select region_code, year, {_CRITERIA}, score
                from {{batch}}
                where list_min([{_CRITERIA}]) < 0
                    or list_max([{_CRITERIA}]) > coalesce({highest}, list_max([{_CRITERIA}]))
                    or score < list_min([{_CRITERIA}])
                    or score > list_max([{_CRITERIA}])
            """,
            meta=check("AW-003"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select region_code, year, {_CRITERIA}, score, is_ranked, rank
                from {{batch}}
                where (score is null) <> (list_max([{_CRITERIA}]) is null)
                    or is_ranked is distinct from (rank is not null)
                    or (is_ranked and score is null)
            """,
            meta=check("AW-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, year, level, score, rank, n_ranked, tie_size
                from (
                    select
                        *,
                        lag(score) over (
                            partition by year, level order by rank asc, score desc
                        ) as score_before
                    from {batch}
                    where rank is not null
                )
                where score > score_before
                    or not coalesce(rank >= 1 and rank + tie_size - 1 <= n_ranked, false)
            """,
            meta=check("AW-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, year, edition, is_verified, verified_by
                from {batch}
                where is_verified is distinct from (verified_by is not null) or edition is null
            """,
            meta=check("AW-006"),
        ),
    ]
