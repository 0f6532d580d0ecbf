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

limits as (

    {{ limits_of(comparison_rules()) }}

),

-- values accumulate within the year: what went before is of the same year, and last year's of the same quarter
joined as (

    select
        accepted.row_id,
        accepted.document_id,
        accepted.row_number,
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
        history.before_target,
        history.before_realised,
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

{% set bounds = [factor('VAL-010', 'least_part'), factor('VAL-010', 'most_part'), [1, 2, 3]] -%}
{% set rupiah_bounds = [factor('BUD-001', 'least_part'), factor('BUD-001', 'most_part'), [3]] -%}
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
                    previous_{{ name }} >= {{ limit('VAL-010', 'min_reference') }}
                    or last_year_{{ name }} >= {{ limit('VAL-010', 'min_reference') }}
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
                        and abs(realised - earlier_target) <= earlier_target * {{ factor('VAL-011', 'tolerance') }}
                        and target < earlier_target * (1 - {{ factor('VAL-011', 'tolerance') }})
                    ),
                    false
                )
            else false
        end as is_swapped
    from slipped

)

select * from compared
