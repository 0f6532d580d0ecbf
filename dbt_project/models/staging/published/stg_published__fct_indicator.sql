select * from {{ source('published', 'fct_indicator') }}
