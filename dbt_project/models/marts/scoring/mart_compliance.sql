with

expected as (

    select * from {{ ref('int_expected__regions') }}

),

documents as (

    select * from {{ ref('mart_document') }}

),

scores as (

    select * from {{ ref('int_scores__regions') }}

),

-- press figures are no report: they neither make a region compliant nor late
receipts as (

    select
        region_code,
        period,
        min(first_known_at) filter (where rows_accepted + rows_superseded > 0 and not is_published_index) as first_received_at,
        -- a form sent back with nothing in it is no document of anybody's
        count(*) filter (where rows_accepted + rows_superseded > 0 and first_known_at is not null) as documents_accepted,
        -- what another sender sent in its name is none of its documents
        count(*) filter (where rows_accepted + rows_superseded = 0 and not is_of_another_sender) as documents_rejected,
        bool_or(rows_accepted + rows_superseded = 0 and not is_of_another_sender and not is_published_index) as is_refused
    from (
        select
            documents.*,
            coalesce(not senders.is_allowed, false) as is_of_another_sender
        from documents
        left join {{ ref('int_documents__senders') }} as senders
            on documents.document_id = senders.document_id
            and documents.region_code = senders.region_code
            and documents.period = senders.period
    ) as told
    group by region_code, period

)

select
    expected.region_code,
    expected.current_region_code,
    expected.region_name,
    expected.level,
    expected.province_code,
    expected.period,
    -- how the region reported, in one word: it says of an index where it is from, and of none why there is none
    case
        when scores.basis = 'submitted' and scores.index_points is not null then 'with_index'
        -- who reported is never of the press: these two are who reported, and no other is
        when receipts.first_received_at is not null then 'reported_without_index'
        when scores.index_points is not null then 'press'
        when receipts.is_refused then 'refused'
        when expected.is_interim then 'not_yet_due'
        else 'not_sent'
    end as reporting_status,
    case
        when receipts.first_received_at is null then 'missing'
        -- the window closes at the end of its day in Asia/Jakarta
        when {{ jakarta_day('receipts.first_received_at') }} <= expected.window_closes_on then 'on_time'
        else 'late'
    end as timeliness,
    receipts.first_received_at,
    expected.window_closes_on,
    expected.window_status,
    expected.window_reopened_to,
    expected.window_reason,
    case when scores.basis = 'submitted' then {{ share('scores.services_answered', 'scores.services_owed') }} end as completeness,
    -- what completeness is made of: shares are not averaged, their parts are summed
    cast(case when scores.basis = 'submitted' then scores.services_owed end as integer) as services_owed,
    cast(case when scores.basis = 'submitted' then scores.services_answered end as integer) as services_answered,
    cast(coalesce(receipts.documents_accepted, 0) as integer) as documents_accepted,
    cast(coalesce(receipts.documents_rejected, 0) as integer) as documents_rejected
from expected
left join receipts
    on expected.region_code = receipts.region_code
    and expected.period = receipts.period
left join scores
    on expected.region_code = scores.region_code
    and expected.period = scores.period
