select * from {{ ref('retired') }}
