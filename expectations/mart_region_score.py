"""What must hold of the report card: the region scores."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_region_score"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("RG-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=list(facts.periods), meta=check("RG-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["region_code", "period"], meta=check("RG-003")),
        gxe.ExpectColumnValuesToBeBetween(
            column="index", min_value=0, max_value=facts.highest_percent, meta=check("RG-004")
        ),
        # the bounds are the registry's: the gate does not know a second set
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select scores.region_code, scores.period, scores.index, scores.band_code
                from {batch} as scores
                left join dim_band as bands
                    on scores.method_version = bands.method_version and scores.index >= bands.lower_bound
                    and (scores.index < bands.upper_bound or bands.upper_bound is null)
                where scores.band_code is distinct from bands.band_code
            """,
            meta=check("RG-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, index, basis, band_code, is_ranked, rank_national
                from {batch}
                where (index is null) <> (band_code is null)
                    or is_ranked is distinct from (rank_national is not null)
                    or (index is null and (is_ranked or basis = 'published'))
            """,
            meta=check("RG-006"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(expected.region_code, scores.region_code) as region_code,
                    coalesce(expected.period, scores.period) as period
                from (
                    select distinct regions.region_code, periods.period
                    from judged_periods
                    inner join dim_period as periods on judged_periods.period = periods.period
                    inner join (values {rosters}) as rosters (period, region_code)
                        on periods.period = rosters.period
                    inner join dim_region as regions
                        on coalesce(regions.valid_from, periods.ends_on) <= periods.ends_on
                        and coalesce(regions.valid_to, periods.ends_on + 1) > periods.ends_on
                        and (
                            rosters.region_code = regions.region_code
                            or (rosters.region_code is null and regions.is_autonomous)
                        )
                ) as expected
                full join {batch} as scores
                    on expected.region_code = scores.region_code and expected.period = scores.period
                where scores.region_code is null or expected.region_code is null
            """.replace("{rosters}", _rosters(facts)),
            meta=check("RG-007"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, rank_national, n_national, tie_size, rank_province, n_province
                from {batch}
                where (is_ranked and not coalesce(
                        rank_national >= 1 and rank_national + tie_size - 1 <= n_national, false
                    ))
                    or rank_province < 1 or rank_province > n_province
            """,
            meta=check("RG-008"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, count(index) as regions_with_index
                from {batch}
                where method_version is not null
                group by period
                having count(index) = 0
            """,
            meta=check("RG-009"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, count(index) as regions_with_index, count(*) as expected
                from {batch}
                where method_version is not null
                group by period
                having 2 * count(index) < count(*)
            """,
            meta=check("RG-101"),
        ),
    ]


def _rosters(facts: RunFacts) -> str:
    """Whom each period expects, as rows of SQL."""
    return ", ".join(f"('{period}', {_literal(code)})" for period, code in facts.rosters)


def _literal(code: str | None) -> str:
    return "null" if code is None else f"'{code}'"
