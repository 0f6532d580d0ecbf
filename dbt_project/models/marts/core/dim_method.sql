with

-- a draft is published nowhere; only the what-if that it scores shows it
methods as (

    select * from {{ ref('methods') }}
    where
        status = 'official'
        or method_version in (select method_version from {{ ref('stg_run__periods') }})

)

select
    method_version,
    name_id,
    name_en,
    legal_basis,
    valid_from_period,
    valid_to_period,
    concat_ws(
        '; ',
        'weights=' || {{ plain_number('weight_recipients_percent') }} || '/' || {{ plain_number('weight_quality_percent') }},
        'cap=' || cast(cap as varchar),
        'quality_mean=' || quality_mean,
        'zero_target=' || zero_target,
        'missing=' || missing,
        'national_over=' || national_over,
        'min_completeness_to_rank=' || {{ plain_number('min_completeness_to_rank') }},
        'recipients_pool=' || recipients_pool,
        'missing_item=' || missing_item,
        'roster=' || roster,
        'min_coverage_for_band=' || {{ plain_number('min_coverage_for_band') }}
    ) as policies,
    verified_by
from methods
