select 'one' as id, 1.5 as amount
