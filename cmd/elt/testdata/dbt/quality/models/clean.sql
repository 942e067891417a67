select distinct plan from {{ ref('accounts_raw') }} where plan in ('basic', 'pro')
