select cast(date_trunc('month', issued_on) as date) as month, sum(amount) as amount from {{ ref('invoices') }} group by 1
