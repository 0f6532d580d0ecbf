select * from {{ source('published', 'mart_stage') }}
