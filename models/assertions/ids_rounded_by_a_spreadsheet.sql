{{ config(severity='warn') }}

-- IDs such as 1.23457E+17: a spreadsheet has written a long number with a few digits, so that several campaigns or clients may
-- have become one. They count all the same; export the file anew, with the column as text.
select
    platform,
    client_id,
    campaign_id,
    count(*) as touchpoints
from {{ ref('touchpoints') }}
where campaign_id like '%.%E+%' or client_id like '%.%E+%'
group by
    platform,
    client_id,
    campaign_id
