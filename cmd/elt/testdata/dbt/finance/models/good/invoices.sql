select 1 as invoice_id, cast('2024-01-31' as date) as issued_on, cast(99.5 as decimal(10, 2)) as amount, 'EUR' as currency, true as paid
union all
select 2, cast('2024-02-29' as date), 10.25, 'GBP', false
