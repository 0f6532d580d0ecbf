select * from {{ source('published', 'mart_national_score') }}
