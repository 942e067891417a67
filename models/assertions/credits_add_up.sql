-- attribution_credits says the same as the short tables it is worked out from: by revenue day, and by campaign. Checked for one
-- client and two models, since all of it would be long. Returns what differs.
{%- set models = ['last_non_direct', 'time_decay'] %}

with client as (
    select max(client_id) as client_id
    from {{ ref('daily_revenue') }}
),

credits as (
    select
        model,
        revenue_date,
        touch_channel,
        campaign_id,
        attributed_cents,
        unattributed_cents
    from (
        {{ attribution_credits(where="client_id = (select client_id from client)", models=models) | indent(8) }}
    ) as credits_of_client
),

by_revenue_day as (
    select
        model,
        revenue_date,
        sum(attributed_cents) as attributed_cents,
        sum(unattributed_cents) as unattributed_cents
    from credits
    group by
        model,
        revenue_date
),

reconciled as (
    select
        reconciliation.model,
        reconciliation.date,
        {{ to_cents('reconciliation.attributed_usd') }} as attributed_cents,
        {{ to_cents('reconciliation.unattributed_usd') }} as unattributed_cents
    from {{ ref('attribution_reconciliation') }} as reconciliation
    inner join client on client.client_id = reconciliation.client_id
    where reconciliation.revenue_usd <> 0
        and reconciliation.model in ('source_reported', 'last_non_direct', 'time_decay')
),

campaigns as (
    {%- for model in models %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        '{{ model }}' as model,
        campaigns.channel,
        campaigns.campaign_id,
        sum(campaigns.{{ model }}_cents) as attributed_cents
    from {{ ref('pooled_campaigns') }} as campaigns
    inner join client on client.client_id = campaigns.client_id
    group by
        campaigns.channel,
        campaigns.campaign_id
    {%- endfor %}
),

by_campaign as (
    select
        model,
        touch_channel,
        campaign_id,
        sum(attributed_cents) as attributed_cents
    from credits
    where model <> 'source_reported'
        and touch_channel is not null
    group by
        model,
        touch_channel,
        campaign_id
)

select
    reconciled.model,
    cast(reconciled.date as varchar) as what,
    reconciled.attributed_cents,
    by_revenue_day.attributed_cents as attributed_cents_of_credits
from reconciled
left join by_revenue_day
    on by_revenue_day.model = reconciled.model
    and by_revenue_day.revenue_date = reconciled.date
where coalesce(by_revenue_day.attributed_cents, 0) <> reconciled.attributed_cents
    or coalesce(by_revenue_day.unattributed_cents, 0) <> reconciled.unattributed_cents

union all

select
    campaigns.model,
    campaigns.channel || '/' || campaigns.campaign_id as what,
    campaigns.attributed_cents,
    by_campaign.attributed_cents as attributed_cents_of_credits
from campaigns
left join by_campaign
    on by_campaign.model = campaigns.model
    and by_campaign.touch_channel = campaigns.channel
    and by_campaign.campaign_id = campaigns.campaign_id
where coalesce(by_campaign.attributed_cents, 0) <> campaigns.attributed_cents
