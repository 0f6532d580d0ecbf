with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record in ('stage', 'team', 'action_plan')

),

labels as (

    select * from {{ ref('code_labels') }}
    where field = 'stage'

)

select
    accepted.region_code,
    accepted.current_region_code,
    accepted.period,
    accepted.sector_code,
    accepted.record,
    coalesce(labels.code, accepted.item_text) as stage,
    accepted.unit,
    accepted.target,
    accepted.realised,
    accepted.status,
    accepted.note,
    accepted.submission_id,
    accepted.realised_ref as source_ref
from accepted
left join labels
    on accepted.item_key in ({{ words_key('labels.code') }}, {{ words_key('labels.label_id') }})
