select * from {{ source('published', 'fct_published_index') }}
