select * from {{ source('published', 'mart_projection') }}
