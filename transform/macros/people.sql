{#- Figures about fewer people than these are not told: one could guess who they are. -#}
{% macro fewest_people() -%}
    5
{%- endmacro %}
