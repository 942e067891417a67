select * from {{ ref('nosuch') }}
