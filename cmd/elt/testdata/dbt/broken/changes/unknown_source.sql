select * from {{ source('nosuch', 'table') }}
