with

rules as (

    select * from {{ ref('rules') }}

),

parameters as (

    select * from {{ ref('rule_parameters') }}

),

-- what has no period is told by the values that are valid throughout
periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run
    union all
    select null as period

),

texts as (

    select
        periods.period,
        parameters.rule_id,
        list({
            'name': '{' || parameters.parameter || '}',
            'text': case
                when parameters.unit = 'share'
                    then {{ plain_number('cast(parameters.value * 100 as decimal(38, 10))') }} || ' %'
                else {{ plain_number('parameters.value') }}
            end
        }) as named
    from periods
    inner join parameters
        on {{ is_valid_in('parameters', 'periods.period') }}
    group by periods.period, parameters.rule_id

),

worded as (

    select
        periods.period,
        rules.rule_id,
        rules.severity,
        {{ with_parameters('rules.message_id', "replace(given.text, '.', ',')") }} || ' ' || rules.remedy_id as message_id,
        {{ with_parameters('rules.message_en', 'given.text') }} || ' ' || rules.remedy_en as message_en
    from periods
    cross join rules
    left join texts
        on periods.period is not distinct from texts.period
        and rules.rule_id = texts.rule_id

)

select * from worded
