-- a view, so that a change of the method row shows at once
{{ config(materialized='view') }}

with

methods as (

    select * from {{ ref('methods') }}

),

bands as (

    select * from {{ ref('bands') }}

),

-- whole numbers by a test of the registry (weights_and_bounds_are_whole)
bounded as (

    select
        methods.*,
        bounds.band_bounds
    from methods
    inner join (
        select
            method_version,
            list(cast(lower_bound as integer) order by lower_bound) as band_bounds
        from bands
        group by method_version
    ) as bounds
        on methods.method_version = bounds.method_version

)

select * from bounded
