with

rows as (

    select * from {{ ref('stg_landing__rows') }}

),

bared as (

    select
        row_id,
        document_id,
        target_text,
        realised_text,
        target_is_number,
        realised_is_number,
        {{ bare_number('target_text') }} as target_bare,
        {{ bare_number('realised_text') }} as realised_bare
    from rows

),

shaped as (

    select
        row_id,
        document_id,
        target_text,
        realised_text,
        target_bare,
        realised_bare,
        {{ number_shape('target_text', 'target_bare', 'target_is_number') }} as target_shape,
        {{ number_shape('realised_text', 'realised_bare', 'realised_is_number') }} as realised_shape
    from bared

),

-- a text that reads two ways (1.234) is decided by the other numbers of its column in the same document
decided as (

    select
        *,
        {{ notation('target_shape', 'partition by document_id') }} as target_notation,
        {{ notation('realised_shape', 'partition by document_id') }} as realised_notation
    from shaped

),

valued as (

    select
        row_id,
        target_notation,
        realised_notation,
        {{ number_value('target_text', 'target_bare', 'target_notation') }} as target,
        {{ number_value('realised_text', 'realised_bare', 'realised_notation') }} as realised
    from decided

)

select * from valued
