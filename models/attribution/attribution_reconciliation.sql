-- Where all revenue went, for each scope, model, client and day. revenue_usd comes straight from the cleaned file, attributed_usd
-- from the credits, unattributed_usd from a model that looks at neither: a difference is an error.
{%- set models = [('source_reported', 'source_reported', 'source')] -%}
{%- for model in journey_models() -%}{%- do models.append(('pooled', model, model)) -%}{%- endfor %}

with revenue as (
    select
        client_id,
        date,
        sum({{ to_cents('revenue_usd') }}) as revenue_cents,
        sum({{ to_cents('greatest(revenue_usd, 0)') }}) as sales_cents
    from {{ ref('stg_revenue') }}
    group by
        client_id,
        date
),

attributed as (
    select
        client_id,
        revenue_date as date,
        sum(attributed_cents) as source_cents
        {%- for model in journey_models() %},
        0 as {{ model }}_cents
        {%- endfor %}
    from {{ ref('source_credits') }}
    group by
        client_id,
        revenue_date

    union all

    select
        client_id,
        revenue_date as date,
        0 as source_cents
        {%- for model in journey_models() %},
        sum({{ model }}_cents) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('pooled_credits') }}
    group by
        client_id,
        revenue_date
),

attributed_days as (
    select
        client_id,
        date
        {%- for scope, model, column in models %},
        sum({{ column }}_cents) as {{ column }}_cents
        {%- endfor %}
    from attributed
    group by
        client_id,
        date
),

unattributed as (
    select
        client_id,
        date,
        coalesce(sum(case when attribution = 'from_source' then {{ to_cents('revenue_usd') }} end), 0) as source_reported_cents,
        coalesce(sum(case when attribution = 'model' then {{ to_cents('revenue_usd') }} end), 0) as pooled_cents
    from {{ ref('unattributed_revenue') }}
    group by
        client_id,
        date
),

-- A day that is in one of them and not in another is a difference, too.
days as (
    select
        coalesce(revenue.client_id, attributed_days.client_id, unattributed.client_id) as client_id,
        coalesce(revenue.date, attributed_days.date, unattributed.date) as date,
        coalesce(revenue.revenue_cents, 0) as revenue_cents,
        coalesce(revenue.sales_cents, 0) as sales_cents,
        coalesce(unattributed.source_reported_cents, 0) as source_reported_cents,
        coalesce(unattributed.pooled_cents, 0) as pooled_cents
        {%- for scope, model, column in models %},
        coalesce(attributed_days.{{ column }}_cents, 0) as {{ column }}_cents
        {%- endfor %}
    from revenue
    full outer join attributed_days
        on attributed_days.client_id = revenue.client_id
        and attributed_days.date = revenue.date
    full outer join unattributed
        on unattributed.client_id = coalesce(revenue.client_id, attributed_days.client_id)
        and unattributed.date = coalesce(revenue.date, attributed_days.date)
)
{%- for scope, model, column in models %}
{%- if not loop.first %}

union all
{%- endif %}

select
    '{{ scope }}' as scope,
    '{{ model }}' as model,
    client_id,
    date,
    {{ to_usd('revenue_cents') }} as revenue_usd,
    {{ to_usd('sales_cents') }} as sales_usd,
    {{ to_usd('(revenue_cents - sales_cents)') }} as refunds_usd,
    {{ to_usd(column ~ '_cents') }} as attributed_usd,
    {{ to_usd(scope ~ '_cents') }} as unattributed_usd,
    {{ to_usd('(revenue_cents - ' ~ column ~ '_cents - ' ~ scope ~ '_cents)') }} as difference_usd
from days
{%- endfor %}
