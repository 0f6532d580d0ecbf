select * from {{ source('published', 'fct_budget') }}
