select * from {{ source('published', 'mart_document') }}
