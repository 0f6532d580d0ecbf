select * from {{ source('published', 'mart_correction') }}
