select * from {{ ref('summary') }} where plan is not null
