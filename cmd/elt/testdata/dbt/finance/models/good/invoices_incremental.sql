{{ config(materialized='incremental', unique_key='invoice_id', on_schema_change='append_new_columns') }}
select amount, invoice_id from {{ ref('invoices') }}
{% if is_incremental() %} where invoice_id > 1 {% endif %}
