-- a view: int_rules__row_comparisons alone reads it
{{ config(materialized='view') }}

with

accepted as (

    select * from {{ ref('int_rows__accepted') }}

),

history as (

    select * from {{ ref('int_rows__history') }}

),

peers as (

    select * from {{ ref('int_rows__peers') }}

),

siblings as (

    select * from {{ ref('int_rows__siblings') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

-- the casts stand here, once a period: of a wide decimal they cost time
limits as (

    select
        period,
        val_010_min_reference,
        {{ factor('val_010_least_part') }} as least_part,
        {{ factor('val_010_most_part') }} as most_part,
        {{ factor('bud_001_least_part') }} as least_rupiah_part,
        {{ factor('bud_001_most_part') }} as most_rupiah_part,
        {{ factor('val_011_tolerance') }} as tolerance
    from {{ ref('int_rules__limits') }}

),

-- values accumulate within the year: what went before is of the same year, and last year's of the same quarter
joined as (

    select
        accepted.row_id,
        accepted.document_id,
        accepted.region_code,
        accepted.period,
        accepted.sector_code,
        accepted.service_code,
        accepted.subject,
        accepted.submission_id,
        accepted.record,
        accepted.component,
        accepted.legacy_indicator_code,
        accepted.status,
        accepted.target,
        accepted.realised,
        accepted.target_text,
        accepted.realised_text,
        accepted.item_text,
        accepted.note,
        accepted.personal_data,
        accepted.row_ref,
        accepted.target_ref,
        accepted.realised_ref,
        limits.* exclude (period),
        case when periods.quarter > 1 then history.before_target end as previous_target,
        case when periods.quarter > 1 then history.before_realised end as previous_realised,
        history.last_year_target,
        history.last_year_realised,
        coalesce(history.earlier_count, 0) as earlier_count,
        history.earlier_median_twice,
        history.earlier_deviation_fourfold,
        coalesce(peers.peer_count, 0) as peer_count,
        peers.points,
        peers.peer_points_twice,
        peers.peer_deviation_fourfold,
        peers.peer_rupiah,
        siblings.stage_points,
        siblings.earlier_stage_points,
        siblings.earlier_stage,
        siblings.previous_stage_lead,
        siblings.lacks_recipients,
        concat_ws(' / ', 'target ' || accepted.target_text, 'realisasi ' || accepted.realised_text) as both_values
    from accepted
    inner join periods
        on accepted.period = periods.period
    left join limits
        on accepted.period = limits.period
    left join history
        on accepted.row_id = history.row_id
    left join peers
        on accepted.row_id = peers.row_id
    left join siblings
        on accepted.row_id = siblings.row_id

),

{% set bounds = ['least_part', 'most_part', [1, 2, 3]] -%}
{% set rupiah_bounds = ['least_rupiah_part', 'most_rupiah_part', [3]] -%}
{% set compared_values = [
    ('target', 'target', bounds, "record = 'achievement'"),
    ('realised', 'realised', bounds, "record = 'achievement'"),
    ('rupiah', 'target', rupiah_bounds, "record = 'budget'"),
] -%}
slipping as (

    select
        *,
        {% for name, value, of, applies in compared_values -%}
            {% for earlier in ['previous', 'last_year'] -%}
                case
                    when {{ applies }} and {{ earlier }}_{{ value }} > 0
                        then {{ slip_of_scale(value, earlier ~ '_' ~ value, *of) }}
                end as {{ name }}_slip_of_{{ earlier }},
            {% endfor -%}
        {% endfor -%}
        coalesce(previous_target, last_year_target) as earlier_target,
        case when previous_target is not null then previous_realised else last_year_realised end as earlier_realised
    from joined

),

slipped as (

    select
        *,
        {% for name in ['target', 'realised'] -%}
            case
                when
                    previous_{{ name }} >= val_010_min_reference
                    or last_year_{{ name }} >= val_010_min_reference
                    then {{ agreed_slip(name ~ '_slip_of_previous', name ~ '_slip_of_last_year') }}
            end as {{ name }}_slip,
        {% endfor -%}
        {{ agreed_slip('rupiah_slip_of_previous', 'rupiah_slip_of_last_year') }} as rupiah_slip
    from slipping

),

-- the pair stood the other way round before: what is now written as realised was the target
compared as (

    select
        *,
        -- products of wide decimals are what costs time: only a result above its target gets to them
        case
            when status = 'reported' and realised > target and target < earlier_target
                then coalesce(
                    realised = earlier_target
                    or (
                        earlier_realised < earlier_target
                        and abs(realised - earlier_target) <= earlier_target * tolerance
                        and target < earlier_target * (1 - tolerance)
                    ),
                    false
                )
            else false
        end as is_swapped
    from slipped

)

-- numbers that only helped to compare go no further
select
    * exclude (
        val_010_min_reference,
        tolerance,
        least_part,
        most_part,
        least_rupiah_part,
        most_rupiah_part,
        target_slip_of_previous,
        target_slip_of_last_year,
        realised_slip_of_previous,
        realised_slip_of_last_year,
        rupiah_slip_of_previous,
        rupiah_slip_of_last_year
    )
from compared
