with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'budget'

),

doubts as (

    select * from {{ ref('int_findings__doubts') }}

)

select
    accepted.region_code,
    accepted.current_region_code,
    accepted.period,
    accepted.sector_code,
    accepted.service_code,
    accepted.item_text as item,
    accepted.target as allocated_idr,
    accepted.realised as spent_idr,
    accepted.status,
    doubts.doubtful_rule_id is not null as is_doubtful,
    doubts.doubtful_rule_id,
    accepted.note,
    accepted.submission_id,
    accepted.realised_ref as source_ref
from accepted
left join doubts
    on accepted.row_id = doubts.row_id
