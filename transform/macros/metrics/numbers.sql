{#- A quotient without zeros at its end; null when there is nothing to divide by. PostgreSQL only. -#}
{% macro divided(numerator, denominator) -%}
    trim_scale({{ numerator }} / nullif({{ denominator }}, 0))
{%- endmacro %}


{#- A double as a decimal of nine digits after the point. PostgreSQL only. -#}
{% macro shown_number(double) -%}
    trim_scale(round(cast({{ double }} as numeric), 9))
{%- endmacro %}
