{{ config(severity='warn') }}

-- Touchpoints of a client from before the day it signed up. They count all the same; the date may be wrong, or the client.
select
    client_id,
    signup_date,
    min(date) as first_touchpoint,
    count(*) as touchpoints_before_signup
from {{ ref('marketing_analytics') }}
where date < signup_date
group by
    client_id,
    signup_date
