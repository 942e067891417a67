{{ config(severity='warn', warn_if='>=1', tags=['money']) }}
select sum(balance) as total from {{ ref('accounts') }} having sum(balance) != 24
