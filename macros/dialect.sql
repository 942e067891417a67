{#
    What is spelled differently from one SQL engine to the next, and nothing else. The models are ANSI SQL otherwise; to
    move them to another engine, rewrite the bodies in this file. They are written for DuckDB.
#}

{# The day that lies a whole number of days before a date. Standard: date - interval. #}
{% macro days_before(date, days) -%}
    cast({{ date }} - {{ days }} as date)
{%- endmacro %}

{# An integer of at least 38 digits, for products of cents and weights. Elsewhere: decimal(38, 0). #}
{% macro wide_integer() -%}
    hugeint
{%- endmacro %}

{#
    The whole part of a quotient of two such integers that are not negative. Elsewhere: div(a, b), or a / b. DuckDB divides
    a hugeint bit by bit, twenty times slower than a bigint, so what fits a bigint is divided as one.
#}
{% macro whole_quotient(dividend, divisor) -%}
    case
        when {{ dividend }} <= 9223372036854775807 and {{ divisor }} <= 9223372036854775807
            then cast({{ dividend }} as bigint) // cast({{ divisor }} as bigint)
        else {{ dividend }} // {{ divisor }}
    end
{%- endmacro %}

{# The days from one date or time to another, with a fraction where they are times. Elsewhere: extract(epoch from b - a) / 86400. #}
{% macro days_between(earlier, later) -%}
    (epoch({{ later }}) - epoch({{ earlier }})) / 86400
{%- endmacro %}

{# A query with a row for each part of a text between separators, numbered: keep, part, part_number. Standard: unnest with ordinality. #}
{% macro split_to_rows(rows, text, separator, keep) -%}
    select
        {{ keep | join(',\n        ') }},
        unnest(string_split({{ text }}, '{{ separator }}')) as part,
        generate_subscripts(string_split({{ text }}, '{{ separator }}'), 1) as part_number
    from {{ rows }}
{%- endmacro %}

{# A fraction from 0 up to but not including 1 that looks like chance and is always the same for the same text: 53 bits of its md5. #}
{% macro hashed_fraction(text) -%}
    (cast(md5_number_lower({{ text }}) >> 11 as double) / 9007199254740992)
{%- endmacro %}

{# A query with the whole numbers from first to last. Elsewhere: generate_series, sequence, or a recursion. #}
{% macro whole_numbers(first, last) -%}
    select unnest(generate_series(cast({{ first }} as bigint), cast({{ last }} as bigint)))
{%- endmacro %}

{# The day that lies a whole number of days after a date. #}
{% macro days_after(date, days) -%}
    cast({{ date }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{# The Monday of a date's week. #}
{% macro week_of(date) -%}
    cast(date_trunc('week', {{ date }}) as date)
{%- endmacro %}

{# The value in the middle, of an aggregate query. #}
{% macro median_of(value) -%}
    percentile_cont(0.5) within group (order by {{ value }})
{%- endmacro %}
