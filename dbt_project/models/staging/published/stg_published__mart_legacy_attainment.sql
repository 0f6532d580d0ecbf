select * from {{ source('published', 'mart_legacy_attainment') }}
