{{ config(severity='warn') }}

-- Touchpoints and revenue of days that are still to come, wherever on earth the file was written: a day and a month may have
-- changed places. They count all the same.
with dated as (
    select
        platform as found_in,
        date
    from {{ ref('touchpoints') }}

    union all

    select
        'revenue' as found_in,
        date
    from {{ ref('stg_revenue') }}
)

select
    found_in,
    date,
    count(*) as rows_of_the_day
from dated
where {{ days_before('date', 1) }} > current_date
group by
    found_in,
    date
