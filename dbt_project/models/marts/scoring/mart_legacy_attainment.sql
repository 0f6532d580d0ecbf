with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where legacy_indicator_code is not null

),

doubts as (

    select * from {{ ref('int_findings__doubts') }}

),

indicators as (

    select * from {{ ref('legacy_indicators') }}

),

-- an indicator comes as a row of its figures and, where the region set one, a row of its own target
reported as (

    select
        accepted.region_code,
        accepted.current_region_code,
        accepted.period,
        accepted.legacy_indicator_code as indicator_code,
        accepted.submission_id,
        max(realised) filter (where legacy_measure = 'achievement') as numerator,
        max(target) filter (where legacy_measure = 'achievement') as denominator,
        max(target) filter (where legacy_measure = 'own_target') as own_target_percent,
        coalesce(max(status) filter (where legacy_measure = 'achievement'), 'missing') as status,
        max(realised_ref) filter (where legacy_measure = 'achievement') as source_ref,
        max(target_ref) filter (where legacy_measure = 'achievement') as target_source_ref,
        max(target_ref) filter (where legacy_measure = 'own_target') as own_target_source_ref,
        min(doubts.doubtful_rule_id) as doubtful_rule_id
    from accepted
    left join doubts
        on accepted.row_id = doubts.row_id
    group by
        accepted.region_code,
        accepted.current_region_code,
        accepted.period,
        accepted.legacy_indicator_code,
        accepted.submission_id

),

measured as (

    select
        reported.*,
        indicators.name_id as indicator_name,
        indicators.sector_name_id as sector_name,
        indicators.national_target_percent,
        indicators.deadline_year,
        indicators.legal_basis,
        case
            when reported.status in ('reported', 'zero')
                then {{ round_to_1e15(percent_units_of_decimals('reported.numerator', 'reported.denominator')) }}
        end as achieved_settled
    from reported
    inner join indicators
        on reported.indicator_code = indicators.indicator_code

),

-- percents of the targets are taken of the exact percent achieved, and nothing is capped
compared as (

    select
        *,
        case
            when own_target_percent > 0
                then {{ percent_units_of_rounded('achieved_settled', round_to_1e15(as_percent_units('own_target_percent'))) }}
        end as own_points,
        case
            when national_target_percent > 0
                then {{ percent_units_of_rounded(
                    'achieved_settled', round_to_1e15(as_percent_units('cast(national_target_percent as decimal(38, 12))'))
                ) }}
        end as national_points
    from measured

)

select
    region_code,
    current_region_code,
    period,
    indicator_code,
    indicator_name,
    sector_name,
    numerator,
    denominator,
    -- what lies below 100 is never shown as 100
    {{ display('achieved_settled', '[100]', 6) }} as achieved_percent,
    own_target_percent,
    {{ display(round_to_1e15('own_points'), '[100]', 6) }} as percent_of_own_target,
    cast(national_target_percent as decimal(18, 6)) as national_target_percent,
    {{ display(round_to_1e15('national_points'), '[100]', 6) }} as percent_of_national_target,
    cast(deadline_year as integer) as deadline_year,
    status,
    doubtful_rule_id is not null as is_doubtful,
    doubtful_rule_id,
    legal_basis,
    submission_id,
    coalesce(source_ref, own_target_source_ref) as source_ref,
    target_source_ref,
    own_target_source_ref
from compared
