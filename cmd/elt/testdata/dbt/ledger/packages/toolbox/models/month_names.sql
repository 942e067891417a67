select position, strftime(month, '%b') as name from {{ ref('calendar_months') }}
