select * from {{ source('published', 'mart_finding') }}
