{% set columns = ['target', 'realised'] -%}

with

rows as (

    select * from {{ ref('stg_landing__rows') }}

),

nothing as (

    select
        {{ nothing_key('word') }} as nothing_key,
        means
    from {{ ref('nothing_words') }}

),

bared as (

    select
        row_id,
        document_id,
        record,
        region_text,
        unit,
        target_text,
        realised_text,
        target_is_number,
        realised_is_number,
        {{ bare_number('target_text') }} as target_bare,
        {{ bare_number('realised_text') }} as realised_bare,
        {{ says_percent('target_text') }} as target_says_percent,
        {{ says_percent('realised_text') }} as realised_says_percent
    from rows

),

-- words for nothing; what begins with a digit is none, and that is nearly every text
worded as (

    select
        bared.*,
        of_target.means as target_nothing,
        of_realised.means as realised_nothing
    from bared
    left join nothing as of_target
        on of_target.nothing_key
        = case when not regexp_full_match(bared.target_bare, '[0-9].*') then {{ nothing_key('bared.target_bare') }} end
    left join nothing as of_realised
        on of_realised.nothing_key
        = case when not regexp_full_match(bared.realised_bare, '[0-9].*') then {{ nothing_key('bared.realised_bare') }} end

),

shaped as (

    select
        * exclude (
            target_text, realised_text, target_is_number, realised_is_number, target_nothing, realised_nothing
        ) replace (
            case when target_nothing = 'zero' then '0' else target_bare end as target_bare,
            case when realised_nothing = 'zero' then '0' else realised_bare end as realised_bare
        ),
        {{ number_shape('target_text', 'target_bare', 'target_is_number', 'target_nothing') }} as target_shape,
        {{ number_shape('realised_text', 'realised_bare', 'realised_is_number', 'realised_nothing') }} as realised_shape
    from worded

),

-- the texts whose separators say something, and those that ask what they mean: hardly any row has one
separated as (

    {% for column in columns -%}
        select
            row_id,
            '{{ column }}' as column_name,
            {{ column }}_bare as bare,
            {{ column }}_shape as shape,
            -- whose numbers are written alike: one sender's, about one kind of thing
            document_id,
            coalesce(region_text, '') as sender,
            coalesce(record, '') as record,
            case when {{ column }}_says_percent then 'percent' else coalesce({{ unit_key('unit') }}, '') end as unit
        from shaped
        where {{ column }}_shape in ('plain', 'english', 'indonesian', 'ambiguous')
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

evidence as (

    select
        column_name,
        document_id,
        sender,
        record,
        unit,
        bool_or(shape = 'indonesian') as has_decimal_comma,
        bool_or(shape in ('plain', 'english')) as has_decimal_point
    from separated
    group by column_name, document_id, sender, record, unit
    having bool_or(shape = 'ambiguous')

),

-- a text that reads two ways (1.234, 1,234) is decided by the others like it, or not at all
decided as (

    select
        separated.row_id,
        separated.column_name,
        case
            -- an index and a stage end at 100: thousands are no reading of theirs
            when separated.record in ('published_index', 'stage')
                then case when contains(separated.bare, ',') then 'indonesian' else 'plain' end
            when evidence.has_decimal_comma = evidence.has_decimal_point then 'undecided'
            when evidence.has_decimal_comma then 'indonesian'
            when contains(separated.bare, ',') then 'english'
            else 'plain'
        end as notation
    from separated
    inner join evidence
        on separated.column_name = evidence.column_name
        and separated.document_id = evidence.document_id
        and separated.sender = evidence.sender
        and separated.record = evidence.record
        and separated.unit = evidence.unit
    where separated.shape = 'ambiguous'

),

decided_target as (

    select * from decided
    where column_name = 'target'

),

decided_realised as (

    select * from decided
    where column_name = 'realised'

),

noted as (

    select
        shaped.*,
        coalesce(decided_target.notation, shaped.target_shape) as target_notation,
        coalesce(decided_realised.notation, shaped.realised_shape) as realised_notation
    from shaped
    left join decided_target
        on shaped.row_id = decided_target.row_id
    left join decided_realised
        on shaped.row_id = decided_realised.row_id

),

valued as (

    select
        row_id,
        target_notation,
        realised_notation,
        target_says_percent,
        realised_says_percent,
        {{ number_value('target_bare', 'target_notation') }} as target,
        {{ number_value('realised_bare', 'realised_notation') }} as realised
    from noted

)

select * from valued
