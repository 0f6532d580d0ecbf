{%- set tables = [
    'fct_indicator',
    'fct_budget',
    'fct_stage',
    'fct_published_index',
    'mart_service_score',
    'mart_sector_score',
    'mart_region_score',
    'mart_national_score',
    'mart_compliance',
    'mart_compliance_summary',
    'mart_budget',
    'mart_stage',
    'mart_legacy_attainment'
] -%}

with

context as (

    select * from {{ ref('stg_run__context') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

documents as (

    select * from {{ ref('int_restatements__documents') }}

),

regions as (

    select * from {{ ref('mart_region_score') }}

),

published as (

    select
        period,
        max(method_version) as method_version
    from {{ ref('stg_published__mart_region_score') }}
    group by period

),

-- a period published for the first time restates nothing
restated_periods as (

    select published.period
    from published
    inner join periods
        on published.period = periods.period
        and periods.is_in_run

),

{% for table in tables %}
    {#- every run makes mart_region_score as a whole #}
    {{ restated_cells(table, 'published' if table == 'mart_region_score' else 'restated_periods') }},
{% endfor %}
unioned as (

    {% for table in tables -%}
        select
            table_name,
            key,
            region_code,
            sector_code,
            period,
            cell
        from {{ table }}_cells
        {%- if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}

),

-- a column that the release before did not have was not published in it
changed as (

    select
        unioned.table_name,
        unioned.key,
        unioned.cell['column_name'] as column_name,
        unioned.region_code,
        unioned.sector_code,
        unioned.period,
        unioned.cell['old'] as old_text,
        unioned.cell['new'] as new_text,
        context.release_before
    from unioned
    cross join context
    where
        unioned.cell['is_told']
        and unioned.cell['old'] is distinct from unioned.cell['new']
        and list_contains(context.columns_before, unioned.table_name || '.' || unioned.cell['column_name'])

),

-- what may change any figure of a period
world as (

    select
        published.period,
        case
            when coalesce(published.method_version, '') != coalesce(periods.method_version, '') then 'new_method'
            when list_contains(context.new_registry_periods, published.period) then 'new_reference_data'
            when list_contains(context.new_code_periods, published.period) then 'new_code'
        end as reason
    from published
    inner join periods
        on published.period = periods.period
    cross join context

),

-- whose change a cell follows: its region's, that of other regions in `peers`, or of an earlier quarter
placed as (

    select
        changed.*,
        regions.current_region_code,
        case
            when changed.column_name in ('rank_national', 'n_national', 'tie_size') then 'level:' || regions.level
            when changed.column_name in ('rank_province', 'n_province') then 'province:' || regions.province_code
            when changed.table_name = 'mart_compliance_summary'
                then 'province:' || json_extract_string(changed.key, '$.province_code')
            when changed.table_name = 'mart_national_score' then 'scope:' || json_extract_string(changed.key, '$.scope')
        end as peers,
        case changed.column_name
            when 'change_from_previous_period' then periods.previous_period
            when 'change_from_previous_year' then periods.same_quarter_last_year
        end as earlier_period
    from changed
    inner join periods
        on changed.period = periods.period
    left join regions
        on changed.region_code = regions.region_code
        and changed.period = regions.period

),

-- a cause is a reason and its documents
with_own_cause as (

    select
        placed.*,
        coalesce(placed.region_code is null or placed.peers is not null, false) as is_of_others,
        case
            when of_sector.reason is not null then {{ cause('of_sector.reason', 'of_sector.documents') }}
            when placed.sector_code is null or of_region.is_first_report
                then {{ cause('of_region.reason', 'of_region.documents') }}
        end as own_cause,
        {{ cause('world.reason') }} as world_cause,
        {{ cause('of_region.reason', 'of_region.documents') }} as region_cause
    from placed
    left join documents as of_sector
        on of_sector.scope = 'sector'
        and placed.region_code = of_sector.region_code
        and placed.period = of_sector.period
        and placed.sector_code = of_sector.sector_code
    left join documents as of_region
        on of_region.scope = 'region'
        and placed.region_code = of_region.region_code
        and placed.period = of_region.period
    left join world
        on placed.period = world.period

),

-- the regions that moved by themselves, in every group that has them as peers
moved as (

    select distinct
        with_own_cause.period,
        coalesce(with_own_cause.own_cause, with_own_cause.world_cause, with_own_cause.region_cause) as cause,
        unnest([
            'all',
            'level:' || regions.level,
            'province:' || regions.province_code,
            'scope:' || case when regions.level = 'province' then 'province' else 'regency_city' end,
            'scope:' || with_own_cause.sector_code
        ]) as peers
    from with_own_cause
    left join regions
        on with_own_cause.region_code = regions.region_code
        and with_own_cause.period = regions.period
    where not with_own_cause.is_of_others and with_own_cause.earlier_period is null

),

-- where several reasons meet, the one that touches most regions by its nature
moved_together as (

    select
        period,
        peers,
        {{ cause('cause.reason', 'list_sort(list_distinct(flatten(list(cause.documents))))') }} as cause
    from moved
    where cause is not null and peers is not null
    group by period, peers, cause.reason
    qualify
        row_number() over (
            partition by period, peers
            order by list_position(['new_method', 'new_reference_data', 'new_code', 'correction', 'late_data'], cause.reason)
        ) = 1

),

moved_indexes as (

    select
        current_region_code,
        region_code,
        period,
        coalesce(own_cause, world_cause).documents as documents
    from with_own_cause
    where table_name = 'mart_region_score' and column_name = 'index'

),

explained as (

    select
        with_own_cause.*,
        case
            when with_own_cause.own_cause is not null then with_own_cause.own_cause
            when with_own_cause.is_of_others
                then coalesce(of_peers.cause, of_all.cause, with_own_cause.world_cause)
            -- a restated quarter, or one that came in between, moves the changes of the quarters after it
            when
                own_index.period is null
                and (earlier_index.period is not null or with_own_cause.earlier_period in (
                    select periods.period from periods
                    where periods.is_in_run and periods.period not in (select published.period from published)
                ))
                then {{ cause("'routine'", 'earlier_index.documents') }}
            else coalesce(with_own_cause.world_cause, with_own_cause.region_cause)
        end as cause
    from with_own_cause
    left join moved_together as of_peers
        on with_own_cause.period = of_peers.period
        and with_own_cause.peers = of_peers.peers
    left join moved_together as of_all
        on with_own_cause.period = of_all.period
        and of_all.peers = 'all'
    left join moved_indexes as own_index
        on with_own_cause.region_code = own_index.region_code
        and with_own_cause.period = own_index.period
    left join moved_indexes as earlier_index
        on with_own_cause.current_region_code = earlier_index.current_region_code
        and with_own_cause.earlier_period = earlier_index.period

)

select
    table_name,
    key,
    column_name,
    region_code,
    period,
    sector_code,
    old_text as old,
    new_text as new,
    cause.reason,
    nullif(
        array_to_string(list_slice(cause.documents, 1, 5), ', ')
        || case when len(cause.documents) > 5 then ' +' || (len(cause.documents) - 5) else '' end,
        ''
    ) as caused_by,
    release_before
from explained
