select * from {{ source('published', 'mart_sector_score') }}
