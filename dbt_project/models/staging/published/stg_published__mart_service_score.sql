select * from {{ source('published', 'mart_service_score') }}
