"""What must hold of the indexes of the press and of past reports. A period may have none."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import comes_from_a_submission, key_is_unique

TABLE = "fct_published_index"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectColumnDistinctValuesToBeInSet(
            column="period", value_set=list(facts.periods), meta=check("FX-001")
        ),
        key_is_unique("FX-002", ["region_code", "period", "sector_code", "measure", "snapshot_on"]),
        comes_from_a_submission("FX-003"),
        # 100 whatever the cap: a row above it is quarantined (NUM-005)
        gxe.ExpectColumnValuesToBeBetween(column="index", min_value=0, max_value=100, meta=check("FX-004")),
        # `not null` beside `between`: a score of the press has the figure that it is made from
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select scores.region_code, scores.period, scores.index
                from mart_region_score as scores
                left join {batch} as printed
                    on scores.region_code = printed.region_code and scores.period = printed.period
                    and printed.index is not null and printed.measure = 'capaian'
                where scores.basis = 'published' and printed.region_code is null
            """,
            meta=check("FX-005"),
        ),
    ]
