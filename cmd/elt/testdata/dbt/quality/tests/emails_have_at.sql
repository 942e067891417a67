select * from {{ ref('accounts') }} where email not like '%@%'
