select * from {{ source('published', 'mart_compliance_summary') }}
