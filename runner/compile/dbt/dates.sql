{# Reckoning with dates. datepart is the name of a unit: day, week, month, quarter, year, hour, minute, second, … #}

{# A number of units after a date; negative numbers go back. #}
{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro %}

{% macro default__dateadd(datepart, interval, from_date_or_timestamp) -%}
    dateadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}

{# DuckDB multiplies intervals, so the number may be any expression. Quarters and weeks are counted in months and days. #}
{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set unit = datepart | lower -%}
    {%- set times = {'quarter': ' * 3', 'week': ' * 7'}.get(unit, '') -%}
    {%- set step = {'quarter': 'month', 'week': 'day'}.get(unit, unit) -%}
    ({{ from_date_or_timestamp }} + cast({{ interval }} as bigint){{ times }} * interval 1 {{ step }})
{%- endmacro %}

{# How many borders of a unit lie between two dates. #}
{% macro datediff(first_date, second_date, datepart) -%}
    {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
{%- endmacro %}

{% macro default__datediff(first_date, second_date, datepart) -%}
    datediff({{ datepart }}, {{ first_date }}, {{ second_date }})
{%- endmacro %}

{# Weeks begin on Sunday here, as in dbt's adapter for DuckDB. #}
{% macro duckdb__datediff(first_date, second_date, datepart) -%}
    {%- if datepart | lower == 'week' -%}
    (
        {{ dbt.datediff(first_date, second_date, 'day') }} // 7
        + case
            when date_part('dow', cast({{ first_date }} as timestamp)) <= date_part('dow', cast({{ second_date }} as timestamp))
                then case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
            else case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
        end
    )
    {%- else -%}
    date_diff('{{ datepart }}', cast({{ first_date }} as timestamp), cast({{ second_date }} as timestamp))
    {%- endif -%}
{%- endmacro %}

{# The beginning of the unit that a date lies in. #}
{% macro date_trunc(datepart, date) -%}
    {{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}
{%- endmacro %}

{% macro default__date_trunc(datepart, date) -%}
    date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{# The last day of the unit that a date lies in. #}
{% macro last_day(date, datepart) -%}
    {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
{%- endmacro %}

{% macro default_last_day(date, datepart) -%}
    cast({{ dbt.dateadd('day', '-1', dbt.dateadd(datepart, '1', dbt.date_trunc(datepart, date))) }} as date)
{%- endmacro %}

{% macro default__last_day(date, datepart) -%}
    {{ dbt.default_last_day(date, datepart) }}
{%- endmacro %}

{# A day as a literal. #}
{% macro date(year, month, day) -%}
    {{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}
{%- endmacro %}

{% macro default__date(year, month, day) -%}
    cast('{{ modules.datetime.date(year | int, month | int, day | int).strftime('%Y-%m-%d') }}' as date)
{%- endmacro %}

{# One row for each unit from start_date up to, but not including, end_date; the column is called date_day, date_week, … #}
{% macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro %}

{# The engine counts the rows, so that nothing has to be asked of it while the SQL is written. #}
{% macro default__date_spine(datepart, start_date, end_date) -%}
    with steps as (
        select unnest(generate_series(1, cast({{ dbt.datediff(start_date, end_date, datepart) }} as bigint))) as step
    ),

    dates as (
        select {{ dbt.dateadd(datepart, 'step - 1', start_date) }} as date_{{ datepart }}
        from steps
    )

    select date_{{ datepart }}
    from dates
    where date_{{ datepart }} <= {{ end_date }}
{%- endmacro %}

{% macro get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
{%- endmacro %}

{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {%- set found = run_query('select ' ~ dbt.datediff(start_date, end_date, datepart)) -%}
    {{ return(found.rows[0][0] if found else 1) }}
{%- endmacro %}

{# A column generated_number that counts from 1 to upper_bound. #}
{% macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__generate_series(upper_bound) -%}
    select generate_series as generated_number
    from generate_series(1, {{ upper_bound }})
{%- endmacro %}

{# How many binary digits it takes to count to upper_bound. #}
{% macro get_powers_of_two(upper_bound) -%}
    {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__get_powers_of_two(upper_bound) -%}
    {%- if upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error('upper bound must be positive') }}
    {%- endif -%}
    {%- for power in range(1, 100) if 2 ** power >= upper_bound -%}
        {{ return(power) }}
    {%- endfor -%}
{%- endmacro %}

{# Python dates of a span, both ends included, as texts. #}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') -%}
    {%- set first = convert_datetime(start_date_str, in_fmt) -%}
    {%- set last = convert_datetime(end_date_str if end_date_str is not none else start_date_str, in_fmt) -%}
    {%- if last < first -%}
        {{ exceptions.raise_compiler_error('the range of dates ends before it begins: ' ~ first ~ ', ' ~ last) }}
    {%- endif -%}
    {%- set dates = [] -%}
    {%- for i in range((last - first).days + 1) -%}
        {%- set date = first + modules.datetime.timedelta(days=i) -%}
        {%- do dates.append(date.strftime(out_fmt) if out_fmt else date) -%}
    {%- endfor -%}
    {{ return(dates) }}
{%- endmacro %}

{% macro convert_datetime(date_str, date_fmt) -%}
    {{ return(try_or_compiler_error(
        'the date ' ~ date_str ~ ' does not have the form ' ~ date_fmt,
        modules.datetime.datetime.strptime, date_str.strip(), date_fmt
    )) }}
{%- endmacro %}

{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') -%}
    {%- set ends = (raw_partition_date | string).split(',') -%}
    {%- if ends | length > 2 -%}
        {{ exceptions.raise_compiler_error('a range of partitions is one date or two with a comma, not ' ~ raw_partition_date) }}
    {%- endif -%}
    {{ return(dates_in_range(ends[0], ends[1] if ends | length == 2 else none, in_fmt=date_fmt)) }}
{%- endmacro %}

{% macro py_current_timestring() -%}
    {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
{%- endmacro %}
