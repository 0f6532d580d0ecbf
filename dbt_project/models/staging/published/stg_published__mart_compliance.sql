select * from {{ source('published', 'mart_compliance') }}
