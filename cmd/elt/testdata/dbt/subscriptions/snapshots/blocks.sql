{% snapshot plans_block %}
{{ config(target_schema='history', unique_key='id', strategy='timestamp', updated_at='updated_at', invalidate_hard_deletes=True) }}
select id, customer, plan, seats, updated_at from {{ ref('plans') }}
{% endsnapshot %}

{% snapshot plans_block_check %}
    {{
        config(
            unique_key="id || '-' || customer",
            strategy='check',
            check_cols=['seats'],
            tags=['checks'],
        )
    }}
    select * from {{ source('billing', 'plans') }} where id < 4
{% endsnapshot %}
