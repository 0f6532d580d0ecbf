select * from {{ source('published', 'fct_stage') }}
