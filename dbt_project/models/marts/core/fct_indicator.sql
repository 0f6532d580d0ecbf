with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'achievement' and legacy_indicator_code is null

),

items as (

    select * from {{ ref('int_scores__items') }}

),

doubts as (

    select * from {{ ref('int_findings__doubts') }}

),

owed as (

    select * from {{ ref('int_scores__services') }}

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

-- each way a unit is written, once
units as (

    select
        mentions.unit,
        listed.unit_code
    from (select distinct unit from accepted) as mentions
    inner join {{ ref('units') }} as listed
        on {{ unit_key('mentions.unit') }} = {{ unit_key('listed.unit') }}

),

submitted as (

    select
        accepted.region_code,
        accepted.current_region_code,
        accepted.period,
        accepted.sector_code,
        accepted.service_code,
        accepted.component,
        coalesce(
            accepted.item_code,
            case when accepted.component = 'recipients' then accepted.recipients_item else accepted.item_text end
        ) as item,
        accepted.item_version,
        accepted.item_code,
        accepted.subject,
        accepted.unit,
        units.unit_code,
        accepted.target,
        accepted.realised,
        items.points,
        periods.method_version,
        accepted.status,
        doubts.doubtful_rule_id,
        accepted.submission_id,
        accepted.realised_ref as source_ref,
        accepted.target_ref as target_source_ref
    from accepted
    inner join items
        on accepted.row_id = items.row_id
    inner join periods
        on accepted.period = periods.period
    left join doubts
        on accepted.row_id = doubts.row_id
    left join units
        on accepted.unit = units.unit

),

-- owed, but not there: the recipients row of each service that no accepted row speaks of
absent as (

    select
        owed.region_code,
        expected.current_region_code,
        owed.period,
        owed.sector_code,
        owed.service_code,
        'recipients' as component,
        cast(null as varchar) as item,
        cast(null as varchar) as item_version,
        cast(null as varchar) as item_code,
        owed.service_code || '|recipients' as subject,
        cast(null as varchar) as unit,
        cast(null as varchar) as unit_code,
        cast(null as decimal(38, 12)) as target,
        cast(null as decimal(38, 12)) as realised,
        cast(null as hugeint) as points,
        owed.method_version,
        'missing' as status,
        cast(null as varchar) as doubtful_rule_id,
        cast(null as varchar) as submission_id,
        cast(null as varchar) as source_ref,
        cast(null as varchar) as target_source_ref
    from owed
    inner join expected
        on owed.region_code = expected.region_code
        and owed.period = expected.period
    where not exists (
        select 1
        from submitted
        where
            submitted.region_code = owed.region_code
            and submitted.period = owed.period
            and submitted.service_code = owed.service_code
            and submitted.component = 'recipients'
    )

),

unioned as (

    select * from submitted
    union all
    select * from absent

)

select
    unioned.region_code,
    unioned.current_region_code,
    unioned.period,
    unioned.sector_code,
    unioned.service_code,
    unioned.component,
    unioned.item,
    unioned.item_version,
    unioned.item_code,
    unioned.subject,
    unioned.unit,
    unioned.unit_code,
    unioned.target,
    unioned.realised,
    case
        when unioned.status in ('reported', 'zero')
            then {{ display(round_to_1e15('unioned.points'), 'methods.band_bounds', 6) }}
    end as percent,
    unioned.status,
    unioned.doubtful_rule_id is not null as is_doubtful,
    unioned.doubtful_rule_id,
    unioned.submission_id,
    unioned.source_ref,
    unioned.target_source_ref
from unioned
left join methods
    on unioned.method_version = methods.method_version
