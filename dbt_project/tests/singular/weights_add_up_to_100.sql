-- the two weights of a method, and the criteria of an edition of the award
with

sums as (

    select
        method_version as weighted,
        weight_recipients_percent + weight_quality_percent as weight_percent
    from {{ ref('methods') }}

    union all

    select
        edition as weighted,
        sum(weight_percent) as weight_percent
    from {{ ref('award_weights') }}
    group by edition

)

select * from sums
where weight_percent is distinct from 100
