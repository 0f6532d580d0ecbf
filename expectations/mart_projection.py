"""What must hold of projections to the end of the year."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_projection"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("PJ-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("PJ-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["region_code", "period"], meta=check("PJ-003")),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(scores.region_code, projected.region_code) as region_code,
                    coalesce(scores.period, projected.period) as period,
                    scores.index, projected.index as index_here,
                    scores.gap_to_next_band, projected.gap_to_next_band as gap_here
                from (select * from mart_region_score where method_version is not null) as scores
                full outer join {batch} as projected
                    on scores.region_code = projected.region_code and scores.period = projected.period
                where scores.region_code is null or projected.region_code is null
                    or scores.index is distinct from projected.index
                    or scores.band_code is distinct from projected.band_code
                    or scores.gap_to_next_band is distinct from projected.gap_to_next_band
            """,
            meta=check("PJ-004"),
        ),
        # values accumulate: the year does not end below what is there, nor above the target
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, index, projected_index, pace_basis, year_end_share
                from {batch}
                where (index is null) <> (projected_index is null)
                    or (index is null) <> (pace_basis is null)
                    or projected_index < index
                    or projected_index > case when index > 100 then index else 100 end
                    or (pace_basis = 'year_end' and projected_index <> index)
                    or not coalesce(year_end_share between 0 and 1, true)
            """,
            meta=check("PJ-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select projected.region_code, projected.period, projected.projected_index,
                    projected.projected_band_code, projected.is_on_track
                from {batch} as projected
                left join dim_band as bands
                    on projected.method_version = bands.method_version
                    and projected.projected_index >= bands.lower_bound
                    and (projected.projected_index < bands.upper_bound or bands.upper_bound is null)
                where projected.projected_band_code is distinct from bands.band_code
                    or projected.is_on_track is distinct from projected.projected_index >= 100
            """,
            meta=check("PJ-006"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, next_band_code, recipients_to_next_band, services_to_next_band
                from {batch}
                where (recipients_to_next_band is null) <> (services_to_next_band is null)
                    or recipients_to_next_band < 1 or services_to_next_band < 1
                    or recipients_to_next_band > coalesce(recipients_not_served, 0)
                    or services_to_next_band is distinct from len(string_split(next_band_services, ';'))
                    or (recipients_to_next_band is not null and next_band_code is null)
                    or (gap_to_next_band is null) <> (next_band_code is null)
            """,
            meta=check("PJ-007"),
        ),
    ]
