with

accepted as (

    select * from {{ ref('int_rows__accepted') }}

),

labels as (

    select * from {{ ref('code_labels') }}
    where field = 'stage'

),

staged as (

    select
        accepted.row_id,
        accepted.region_code,
        accepted.period,
        accepted.sector_code,
        labels.label_id,
        labels.sort_order,
        {{ round_to_1e15(percent_units_of_decimals(
            'case when accepted.realised > accepted.target then accepted.target else accepted.realised end',
            'accepted.target'
        )) }} as points
    from accepted
    inner join labels
        on accepted.subject = labels.code
    where accepted.record = 'stage' and accepted.target > 0 and accepted.realised is not null

),

behind as (

    select
        *,
        min(points) over earlier as earlier_points,
        arg_min(label_id, points) over earlier as earlier_stage
    from staged
    window earlier as (
        partition by region_code, period, sector_code
        order by sort_order, row_id
        rows between unbounded preceding and 1 preceding
    )

),

-- a stage left behind puts every later one ahead of it: the first of them is told
stages as (

    select
        *,
        lag(points - earlier_points) over (
            partition by region_code, period, sector_code
            order by sort_order, row_id
        ) as previous_lead
    from behind

),

-- a recipients row that is held back was there all the same: its own finding says what is wrong with it
recipients as (

    select distinct
        document_id,
        region_code,
        period,
        service_code
    from {{ ref('int_rows__resolved') }}
    where record = 'achievement' and component = 'recipients' and service_code is not null

),

first_quality_rows as (

    select
        accepted.row_id,
        recipients.document_id is null as lacks_recipients
    from accepted
    left join recipients
        on accepted.document_id = recipients.document_id
        and accepted.region_code = recipients.region_code
        and accepted.period = recipients.period
        and accepted.service_code = recipients.service_code
    where accepted.record = 'achievement' and accepted.component != 'recipients' and accepted.service_code is not null
    qualify
        row_number() over (
            partition by accepted.region_code, accepted.period, accepted.service_code
            order by accepted.document_id, accepted.row_number
        ) = 1

)

select
    row_id,
    points as stage_points,
    earlier_points as earlier_stage_points,
    earlier_stage,
    previous_lead as previous_stage_lead,
    cast(null as boolean) as lacks_recipients
from stages
union all
select
    row_id,
    cast(null as hugeint) as stage_points,
    cast(null as hugeint) as earlier_stage_points,
    cast(null as varchar) as earlier_stage,
    cast(null as hugeint) as previous_stage_lead,
    lacks_recipients
from first_quality_rows
