select * from {{ source('published', 'mart_budget') }}
