"""What must hold of the documents: nothing received gets lost."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import limit

TABLE = "mart_document"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("DC-001")),
        gxe.ExpectColumnDistinctValuesToContainSet(
            column="period", value_set=list(facts.periods), meta=check("DC-002")
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select document_id, period, region_code,
                    rows_received, rows_accepted, rows_superseded, rows_quarantined
                from {batch}
                where rows_received is distinct from rows_accepted + rows_superseded + rows_quarantined
            """,
            meta=check("DC-003"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select landed.period, landed.document_id, landed.row_count,
                    ended.row_count as rows_with_outcome
                from landed_counts as landed
                full outer join (
                    select document_id, period, sum(rows_received) as row_count
                    from {batch}
                    where rows_received > 0
                    group by document_id, period
                ) as ended
                    on landed.document_id = ended.document_id
                    and landed.period is not distinct from ended.period
                where landed.row_count is distinct from ended.row_count
            """,
            meta=check("DC-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select documents.period, documents.quarantined, standing.quarantined as standing_in_quarantine
                from (
                    select period, sum(rows_quarantined) + count(reject_rule) as quarantined
                    from {batch}
                    group by period
                ) as documents
                left join (
                    select period, count(*) as quarantined
                    from mart_quarantine
                    group by period
                ) as standing on documents.period is not distinct from standing.period
                where documents.quarantined <> coalesce(standing.quarantined, 0)
            """,
            meta=check("DC-005"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select coalesce(documents.submission_id, standing.submission_id) as submission_id,
                    documents.rows_accepted, standing.row_count as rows_standing
                from (
                    select rows_accepted, document_id || '/' || region_code || '/' || period as submission_id
                    from {batch}
                    where rows_accepted > 0
                ) as documents
                full outer join (
                    select submission_id, count(*) as row_count
                    from (
                        select submission_id from fct_indicator
                        union all
                        select submission_id from fct_budget
                        union all
                        select submission_id from fct_stage
                        union all
                        select submission_id from fct_problem
                        union all
                        select submission_id from fct_published_index
                        union all
                        -- a row of its figures, and one of the region's own target where there is one
                        select submission_id
                        from (
                            select submission_id,
                                unnest(list_distinct([source_ref, own_target_source_ref])) as cell_ref
                            from mart_legacy_attainment
                        ) as legacy
                    ) as facts
                    where submission_id is not null
                    group by submission_id
                ) as standing on documents.submission_id = standing.submission_id
                where documents.rows_accepted is distinct from standing.row_count
            """,
            meta=check("DC-006"),
        ),
        # a breaker: a bad document is its region's, a share like this a fault of the reading or the form
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select received.period, received.rows_received, received.rows_quarantined
                from (
                    select period, sum(rows_received) as rows_received,
                        sum(rows_quarantined) as rows_quarantined
                    from {{batch}}
                    where period is not null
                    group by period
                ) as received
                where not coalesce(
                    received.rows_received < {limit("DC-007", "min_rows", "received")}
                    or received.rows_quarantined
                    <= received.rows_received * {limit("DC-007", "max_share", "received")},
                    false
                )
            """,
            meta=check("DC-007"),
        ),
        # a breaker: one of which no row counts is refused, unless its region has sent another that counts.
        # The same bytes from many (a form that nobody filled in) count as often as they were sent. One that
        # names no quarter is of the one that was last over when it came; an answer of an unknown shape
        # (DOC-006) is a fault of its source
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select told.period, sum(told.files)::int as documents,
                    coalesce(sum(told.files) filter (where told.is_refused), 0)::int as unusable
                from (
                    select coalesce(sent.period, periods.period) as period,
                        coalesce(received.files, 1) as files, sent.counted = 0 as is_refused
                    from (
                        select document_id, period, max(region_code) as region_code,
                            sum(rows_accepted + rows_superseded) as counted, max(received_at) as received_at,
                            sum(sum(rows_accepted + rows_superseded)) over (partition by document_id)
                                as counted_of_all
                        from {{batch}}
                        where reject_rule is distinct from 'DOC-006'
                        group by document_id, period
                    ) as sent
                    left join received_files as received on sent.document_id = received.document_id
                    left join dim_period as periods
                        on sent.period is null
                        and cast(sent.received_at + interval 7 hour as date)
                        between periods.ends_on + 1 and periods.ends_on + interval 3 month
                    left join (
                        select distinct region_code, period from {{batch}} where rows_accepted > 0
                    ) as corrected
                        on sent.region_code = corrected.region_code
                        and coalesce(sent.period, periods.period) = corrected.period
                    where sent.counted > 0
                        or (corrected.region_code is null
                            and (sent.period is not null or sent.counted_of_all = 0))
                ) as told
                inner join judged_periods on told.period = judged_periods.period
                group by told.period
                having not coalesce(
                    sum(told.files) < {limit("DC-008", "min_documents", "told")}
                    or coalesce(sum(told.files) filter (where told.is_refused), 0)
                    <= sum(told.files) * {limit("DC-008", "max_share", "told")},
                    false
                )
            """,
            meta=check("DC-008"),
        ),
    ]
