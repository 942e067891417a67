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

{# The whole part of a quotient of two integers that are not negative. Elsewhere: div(a, b), or a / b of integers. #}
{% macro whole_quotient(dividend, divisor) -%}
    ({{ dividend }} // {{ divisor }})
{%- endmacro %}
