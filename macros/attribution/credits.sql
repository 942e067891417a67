{#
    Every credit, as the model attribution_credits describes them; or only those of some clients and pooled models, which is as
    much faster as they are fewer.

        {{ attribution_credits(where="client_id = 'C101'", models=['linear', 'time_decay']) }}

    A credit of a pooled model is a part of what its touch day gets of a revenue day (pooled_credits), taken between two running
    totals: over the revenue days of the touch day, and over the places of its touchpoints. Therefore the credits of a campaign
    add up to its part of the touch day, and the credits of a revenue day to that day's revenue. One credit alone may be two
    cents away from its exact share.

    where   a condition on client_id; one on days would break the running totals
#}
{% macro attribution_credits(where='1 = 1', models=none) -%}
    {%- set models = journey_models() if models is none else models %}
    with source_reported as (
        select
            'source_reported' as scope,
            'source_reported' as model,
            client_id,
            revenue_date,
            channel as revenue_channel,
            kind,
            case when touch_date is not null then channel end as touch_channel,
            campaign_id,
            touch_date,
            cast(sum(weight) as double) as raw_weight,
            max(revenue_cents) as revenue_cents,
            cast(coalesce(sum(attributed_cents), 0) as bigint) as attributed_cents,
            case when touch_date is null then max(revenue_cents) else 0 end as unattributed_cents
        from {{ ref('source_credits') }}
        where {{ where }}
        group by
            client_id,
            revenue_date,
            channel,
            kind,
            campaign_id,
            touch_date
    ),
    {%- for model in models %}

    {{ model }}_days as (
        select
            client_id,
            revenue_date,
            kind,
            touch_date,
            age_days,
            revenue_cents,
            sum({{ model }}_cents) over revenue_days - {{ model }}_cents as cents_before,
            sum({{ model }}_cents) over revenue_days as cents_through
        from {{ ref('pooled_credits') }}
        where {{ model }}_cents <> 0
            and {{ where }}
        window revenue_days as (
            partition by client_id, touch_date, kind
            order by revenue_date
            rows between unbounded preceding and current row
        )
    ),

    {{ model }}_credits as (
        select
            'pooled' as scope,
            '{{ model }}' as model,
            days.client_id,
            days.revenue_date,
            'all' as revenue_channel,
            days.kind,
            campaigns.channel as touch_channel,
            campaigns.campaign_id,
            days.touch_date,
            {%- if model == 'time_decay' %}
            campaigns.touchpoints * power(2, -days.age_days / cast({{ half_life_days() }} as double)) as raw_weight,
            {%- else %}
            cast(campaigns.touchpoints as double) as raw_weight,
            {%- endif %}
            days.revenue_cents,
            {% for cents in ['through', 'before'] -%}
            {{ '- (' if loop.last else '(' }}{{ part_of_day(
                model, 'days.cents_' ~ cents, 'campaigns.places_before', 'campaigns.places_through',
                'client_days.touchpoints', 'client_days.non_direct_touchpoints'
            ) | indent(8) }})
            {% endfor -%}
            as attributed_cents,
            0 as unattributed_cents
        from {{ model }}_days as days
        inner join {{ ref('client_days') }} as client_days
            on client_days.client_id = days.client_id
            and client_days.date = days.touch_date
        inner join {{ ref('touch_campaigns') }} as campaigns
            on campaigns.client_id = days.client_id
            and campaigns.date = days.touch_date

        union all

        select
            'pooled' as scope,
            '{{ model }}' as model,
            client_id,
            revenue_date,
            'all' as revenue_channel,
            kind,
            cast(null as varchar) as touch_channel,
            cast(null as varchar) as campaign_id,
            cast(null as date) as touch_date,
            cast(null as double) as raw_weight,
            revenue_cents,
            0 as attributed_cents,
            revenue_cents as unattributed_cents
        from {{ ref('pooled_credits') }}
        where touch_date is null
            and {{ where }}
    ),
    {%- endfor %}

    credits as (
        select *
        from source_reported
        {%- for model in models %}

        union all

        select *
        from {{ model }}_credits
        {%- endfor %}
    )

    select
        credits.scope,
        credits.model,
        cast({{ lookback_days() }} as bigint) as lookback_days,
        case when credits.model = 'time_decay' then cast({{ half_life_days() }} as double) end as half_life_days,
        credits.client_id,
        credits.revenue_date,
        credits.revenue_channel,
        credits.touch_channel,
        credits.campaign_id,
        credits.touch_date,
        cast({{ days_between('credits.touch_date', 'credits.revenue_date') }} as bigint) as age_days,
        credits.raw_weight,
        round(cast(credits.attributed_cents as double) / cast(credits.revenue_cents as double), 6) as credit_share,
        cast(credits.attributed_cents as bigint) as attributed_cents,
        {{ to_usd('credits.attributed_cents') }} as attributed_revenue,
        case
            when credits.touch_date is null then 'unattributed_no_touch'
            when clients.client_id is null then 'unknown_client'
            when credits.kind = 'refund' then 'refund'
            else 'attributed'
        end as status,
        cast(credits.unattributed_cents as bigint) as unattributed_cents,
        credits.kind
    from credits
    left join {{ ref('clients') }} as clients on clients.client_id = credits.client_id
{%- endmacro %}
