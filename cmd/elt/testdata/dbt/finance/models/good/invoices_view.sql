{{ config(materialized='view') }}
select currency, invoice_id from {{ ref('invoices') }}
