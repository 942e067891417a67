-- The same revenue under every model: what each channel gets, and how far the models are apart. Revenue that no touchpoint can be
-- credited with has a row of its own, so that each model adds up to all revenue.
{%- set models = journey_models() %}

with pooled_channels as (
    select
        channel,
        kind
        {%- for model in models %},
        sum({{ model }}_cents) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('pooled_campaigns') }}
    group by
        channel,
        kind

    union all

    select
        'unattributed' as channel,
        kind
        {%- for model in models %},
        sum(revenue_cents) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('pooled_credits') }}
    where touch_date is null
    group by
        kind
),

credits as (
    select
        'source_reported' as scope,
        'source_reported' as model,
        case when touch_date is null then 'unattributed' else channel end as channel,
        kind,
        coalesce(attributed_cents, revenue_cents) as cents
    from {{ ref('source_credits') }}
    {%- for model in models %}

    union all

    select
        'pooled' as scope,
        '{{ model }}' as model,
        channel,
        kind,
        {{ model }}_cents as cents
    from pooled_channels
    {%- endfor %}
),

channels as (
    select
        scope,
        model,
        channel,
        cast(sum(cents) as bigint) as attributed_cents,
        cast(sum(case when kind = 'sale' then cents else 0 end) as bigint) as sales_cents,
        cast(sum(case when kind = 'refund' then cents else 0 end) as bigint) as refund_cents
    from credits
    group by
        scope,
        model,
        channel
),

spend as (
    select
        channel,
        cast(sum(spend_usd) as decimal(18, 2)) as spend_usd
    from {{ ref('touchpoints') }}
    group by
        channel
),

compared as (
    select
        channels.scope,
        channels.model,
        channels.channel,
        channels.attributed_cents,
        channels.sales_cents,
        channels.refund_cents,
        coalesce(spend.spend_usd, 0) as spend_usd,
        sum(channels.attributed_cents) over (partition by channels.scope, channels.model) as cents_of_all,
        min(channels.attributed_cents) over (partition by channels.scope, channels.channel) as lowest_cents,
        max(channels.attributed_cents) over (partition by channels.scope, channels.channel) as highest_cents
    from channels
    left join spend on spend.channel = channels.channel
)

select
    channel,
    scope,
    model,
    {{ to_usd('attributed_cents') }} as attributed_revenue,
    {{ to_usd('sales_cents') }} as sales,
    {{ to_usd('refund_cents') }} as refunds,
    {{ ratio('attributed_cents', 'cents_of_all', factor=100) }} as share_percent,
    spend_usd as spend,
    {{ ratio('attributed_cents * 0.01', 'spend_usd') }} as roas,
    {{ to_usd('lowest_cents') }} as min_over_models,
    {{ to_usd('highest_cents') }} as max_over_models
from compared
