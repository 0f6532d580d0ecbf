"""What must hold of regions beside their peers."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique

TABLE = "mart_peer"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("PE-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("PE-002")
        ),
        key_is_unique("PE-003", ["region_code", "period", "sector_code"]),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select
                    coalesce(scores.region_code, peers.region_code) as region_code,
                    coalesce(scores.period, peers.period) as period,
                    coalesce(scores.sector_code, peers.sector_code) as sector_code,
                    scores.index, peers.index as index_here
                from (
                    select region_code, period, null::varchar as sector_code, index
                    from mart_region_score
                    where method_version is not null
                    union all
                    select region_code, period, sector_code, index from mart_sector_score
                ) as scores
                full outer join {batch} as peers
                    on scores.region_code = peers.region_code and scores.period = peers.period
                    and scores.sector_code is not distinct from peers.sector_code
                where scores.region_code is null or peers.region_code is null
                    or scores.index is distinct from peers.index
            """,
            meta=check("PE-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select listed.region_code, listed.period, listed.level, listed.peer_code, scores.is_ranked
                from (
                    select region_code, period, level, unnest(string_split(peers, ', ')) as peer_code
                    from {batch}
                    where sector_code is null
                ) as listed
                left join mart_region_score as scores
                    on listed.peer_code = scores.region_code and listed.period = scores.period
                where not coalesce(
                    scores.is_ranked and scores.level = listed.level
                    and listed.peer_code <> listed.region_code,
                    false
                )
            """,
            meta=check("PE-005"),
        ),
        # at most half of the peers lie below a median, and at most half above it
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select own.region_code, own.period, own.sector_code, own.peer_median, own.n_peers
                from (
                    select
                        region_code, period, sector_code, peer_median, n_peers,
                        unnest(string_split(peers, ', ')) as peer_code
                    from {batch}
                ) as own
                inner join {batch} as theirs
                    on own.peer_code = theirs.region_code and own.period = theirs.period
                    and own.sector_code is not distinct from theirs.sector_code
                group by all
                having count(theirs.index) is distinct from own.n_peers
                    or 2 * count(*) filter (where theirs.index < own.peer_median) > count(theirs.index)
                    or 2 * count(*) filter (where theirs.index > own.peer_median) > count(theirs.index)
            """,
            meta=check("PE-006"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select region_code, period, sector_code, index, peer_median, n_peers, difference_from_median
                from {batch}
                where difference_from_median is distinct from index - peer_median
                    or (peer_median is not null and not coalesce(n_peers > 0 and peers <> '', false))
                    or (peers is null) <> (peer_basis is null)
                    or (sector_code is null and (peers is null) <> (peer_median is null))
            """,
            meta=check("PE-007"),
        ),
    ]
