-- scores are computed in whole numbers: a weight of 62.5 or a bound of 87.5 would be rounded (docs/adr/0003)
with

numbers as (

    select
        method_version,
        weight_recipients_percent as number
    from {{ ref('methods') }}

    union all

    select
        method_version,
        weight_quality_percent as number
    from {{ ref('methods') }}

    union all

    select
        method_version,
        lower_bound as number
    from {{ ref('bands') }}

)

select * from numbers
where number is distinct from trunc(number)
