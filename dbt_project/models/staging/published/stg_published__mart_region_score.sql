select * from {{ source('published', 'mart_region_score') }}
