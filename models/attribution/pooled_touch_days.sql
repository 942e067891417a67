-- What the touchpoints of a client and day get together, of the revenue of that day and later ones, by every pooled model.
with touch_days as (
    select
        client_id,
        touch_date as date,
        kind
        {%- for model in journey_models() %},
        cast(sum({{ model }}_cents) as bigint) as {{ model }}_cents
        {%- endfor %}
    from {{ ref('pooled_credits') }}
    where touch_date is not null
    group by
        client_id,
        touch_date,
        kind
)

select
    touch_days.client_id,
    touch_days.date,
    touch_days.kind,
    client_days.touchpoints,
    client_days.non_direct_touchpoints
    {%- for model in journey_models() %},
    touch_days.{{ model }}_cents
    {%- endfor %}
from touch_days
inner join {{ ref('client_days') }} as client_days
    on client_days.client_id = touch_days.client_id
    and client_days.date = touch_days.date
