-- What each campaign of a client gets for its touchpoints of a day by every pooled model: its part of pooled_touch_days.
select
    campaigns.client_id,
    campaigns.date,
    campaigns.channel,
    campaigns.campaign_id,
    days.kind,
    campaigns.touchpoints
    {%- for model in journey_models() %},
    {{ part_of_day(
        model, 'days.' ~ model ~ '_cents', 'campaigns.places_before', 'campaigns.places_through',
        'days.touchpoints', 'days.non_direct_touchpoints'
    ) | indent(4) }} as {{ model }}_cents
    {%- endfor %}
from {{ ref('touch_campaigns') }} as campaigns
inner join {{ ref('pooled_touch_days') }} as days
    on days.client_id = campaigns.client_id
    and days.date = campaigns.date
