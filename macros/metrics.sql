{#
    numerator / denominator * factor, rounded to six decimals; `otherwise` where the denominator is 0 or missing. Give it
    sums to get the rate of a group: the mean of the rates of its rows is another number.
#}
{% macro ratio(numerator, denominator, factor=1, otherwise='null') -%}
    case
        when coalesce({{ denominator }}, 0) = 0 then {{ otherwise }}
        else round(cast({{ numerator }} as double) * {{ factor }} / cast({{ denominator }} as double), 6)
    end
{%- endmacro %}
