select * from {{ source('published', 'fct_problem') }}
