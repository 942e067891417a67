{%- set accounts = toolbox.get_column_values(table=ref('entries'), column='account', default=['none']) %}
select
    m.month, n.name,
    {% for account in accounts -%}
    coalesce(sum(e.amount) filter (where e.account = '{{ account }}'), 0) as {{ account }}_amount {{- "," if not loop.last }}
    {% endfor %}
from {{ ref('toolbox', 'calendar_months') }} as m
join {{ ref('month_names') }} as n on n.position = m.position
left join {{ ref('entries') }} as e on date_trunc('month', e.booked_on) = m.month
group by all
