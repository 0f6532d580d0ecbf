with

resolved as (

    select * from {{ ref('int_rows__resolved') }}
    where submission_id is not null

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

senders as (

    select * from {{ ref('int_documents__senders') }}

),

regions as (

    select * from {{ ref('int_rows__regions') }}

),

states as (

    select
        named.region_code,
        named.region_name,
        periods.period
    from {{ ref('int_regions__states') }} as named
    inner join {{ ref('stg_run__periods') }} as periods
        on {{ is_state_on('named', 'periods.ends_on') }}

),

submissions as (

    select
        submission_id,
        document_id,
        region_code,
        period,
        min(current_region_code) as current_region_code,
        arg_min(row_ref, row_number) as first_ref
    from resolved
    group by submission_id, document_id, region_code, period

),

-- a row whose code and name mean two regions may be of either: neither's report in this document is sure
contradicted as (

    select
        document_id,
        period,
        row_number,
        {{ cell_and_text('row_ref', 'region_text') }} as said,
        unnest(string_split(region_candidate_codes, ', ')) as current_region_code
    from {{ ref('int_rows__resolved') }}
    where is_region_contradicted

),

contradictions as (

    select
        document_id,
        period,
        current_region_code,
        arg_min(said, row_number) || case when count(*) > 1 then ' +' || (count(*) - 1) else '' end as said
    from contradicted
    group by document_id, period, current_region_code

)

select
    submissions.submission_id as row_id,
    submissions.submission_id,
    submissions.document_id,
    submissions.region_code,
    submissions.period,
    coalesce(documents.sender_code_ref, submissions.first_ref) as sender_ref,
    states.region_name,
    senders.is_allowed,
    senders.refused_places,
    documents.sender_code,
    documents.sender_code_ref,
    documents.sender_name,
    documents.sender_name_ref,
    documents.form_number,
    documents.form_number_ref,
    -- by the codes of today
    submissions.current_region_code,
    by_name.candidate_codes as name_candidates,
    by_number.candidate_codes as number_candidates,
    {{ period_in('documents.form_number') }} as number_period,
    submissions.region_code || ' ' || submissions.period as sender_said,
    contradictions.said as contradicting_rows,
    -- a name that means no region is a slip of its spelling, and contradicts nothing
    coalesce(not list_contains(string_split(by_name.candidate_codes, ', '), submissions.current_region_code), false)
        as is_another_name,
    coalesce(not list_contains(string_split(by_number.candidate_codes, ', '), submissions.current_region_code), false)
    or coalesce({{ period_in('documents.form_number') }} != submissions.period, false) as is_another_number
from submissions
inner join documents
    on submissions.document_id = documents.document_id
left join senders
    on submissions.document_id = senders.document_id
    and submissions.region_code = senders.region_code
    and submissions.period = senders.period
left join states
    on submissions.region_code = states.region_code
    and submissions.period = states.period
left join contradictions
    on submissions.document_id = contradictions.document_id
    and submissions.period = contradictions.period
    and submissions.current_region_code = contradictions.current_region_code
left join regions as by_name
    on documents.sender_name = by_name.region_text
    and documents.region_codes = by_name.region_codes
    and submissions.period = by_name.period
left join regions as by_number
    on {{ code_in('documents.form_number') }} = by_number.region_text
    and by_number.region_codes = 'kemendagri'
    and submissions.period = by_number.period
