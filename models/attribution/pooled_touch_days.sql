-- What the touchpoints of a client and day get together, of the revenue of that day and later ones, by every pooled model.
select
    pooled_credits.client_id,
    pooled_credits.touch_date as date,
    pooled_credits.kind,
    client_days.touchpoints,
    client_days.non_direct_touchpoints
    {%- for model in journey_models() %},
    cast(sum(pooled_credits.{{ model }}_cents) as bigint) as {{ model }}_cents
    {%- endfor %}
from {{ ref('pooled_credits') }} as pooled_credits
inner join {{ ref('client_days') }} as client_days
    on client_days.client_id = pooled_credits.client_id
    and client_days.date = pooled_credits.touch_date
group by
    pooled_credits.client_id,
    pooled_credits.touch_date,
    pooled_credits.kind,
    client_days.touchpoints,
    client_days.non_direct_touchpoints
