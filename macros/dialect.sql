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
