{#
  The rows of a mart of every published period: those that this run made, and those of the release before for the
  periods that it does not build. A mart about more than one period starts from these, and is made as a whole by
  every run (WHOLE_TABLES in pipelines/publish/release.py).
#}
{% macro of_every_period(table, columns) -%}
    select
        {{ columns | join(',\n        ') }}
    from {{ ref(table) }}
    union all
    select
        {{ columns | join(',\n        ') }}
    from {{ ref('stg_published__' ~ table) }}
    where period not in (
        select periods.period from {{ ref('stg_run__periods') }} as periods
        where periods.is_in_run
    )
{%- endmacro %}
