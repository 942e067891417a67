{#
    Money is decimal(18, 2) where people see it and a whole number of cents where it is summed and split, because a quotient
    or a sum of floating point numbers is not exact.
#}

{# Dollars as a whole number of cents. The wider decimal keeps even the largest amount from overflowing. #}
{% macro to_cents(usd) -%}
    cast(cast({{ usd }} as decimal(20, 2)) * 100 as bigint)
{%- endmacro %}

{# Cents as dollars. It multiplies, for decimal / integer is floating point on some engines. #}
{% macro to_usd(cents) -%}
    cast({{ cents }} * 0.01 as decimal(18, 2))
{%- endmacro %}
