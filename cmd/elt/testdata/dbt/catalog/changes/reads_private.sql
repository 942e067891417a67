select * from {{ ref('secrets') }}
