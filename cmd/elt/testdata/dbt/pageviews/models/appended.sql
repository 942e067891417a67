{{ config(incremental_strategy='append') }}
select id, page, viewed_at from {{ ref('views') }}
{% if is_incremental() %}
where viewed_at > (select max(viewed_at) from {{ this }})
{% endif %}
