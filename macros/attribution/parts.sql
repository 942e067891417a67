{#
    A part of an amount in cents that belongs to some of several equal touches, as the difference of two running totals: of the
    first `through` of `of_all` touches, and of the first `before`. Parts add up exactly however the touches are grouped, so
    that a touchpoint, its campaign and its channel always agree, and no part is a cent away from its exact share.
#}
{% macro equal_part(cents, before, through, of_all) -%}
    {{ first_part(cents, through, of_all) }} - {{ first_part(cents, before, of_all) }}
{%- endmacro %}

{# The first `count` of `of_all` equal parts of an amount together, to the nearest cent; 0 of nothing. #}
{% macro first_part(cents, count, of_all) -%}
    {%- set dividend = '(2 * cast(abs(' ~ cents ~ ') as ' ~ wide_integer() ~ ') * ' ~ count ~ ' + ' ~ of_all ~ ')' -%}
    {%- set divisor = '(2 * ' ~ of_all ~ ')' -%}
    cast(sign({{ cents }}) * case when {{ of_all }} = 0 then 0 else {{ whole_quotient(dividend, divisor) }} end as bigint)
{%- endmacro %}

{#
    What a run of touches of a day, from place `before` + 1 to place `through`, gets of the day's credit by one of the pooled
    models. Touches of a day share alike; in last_non_direct the direct ones, which have the last places, get nothing unless
    the day has no others.
#}
{% macro part_of_day(model, cents, before, through, touchpoints, non_direct_touchpoints) -%}
    {%- if model == 'last_non_direct' -%}
        {%- set of_all = 'case when ' ~ non_direct_touchpoints ~ ' > 0 then ' ~ non_direct_touchpoints ~ ' else ' ~ touchpoints ~ ' end' -%}
        {{ equal_part(cents, 'least(' ~ before ~ ', ' ~ of_all ~ ')', 'least(' ~ through ~ ', ' ~ of_all ~ ')', '(' ~ of_all ~ ')') }}
    {%- else -%}
        {{ equal_part(cents, before, through, touchpoints) }}
    {%- endif -%}
{%- endmacro %}
