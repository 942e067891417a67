select plan, count(*) as accounts from {{ ref('accounts') }} group by plan
