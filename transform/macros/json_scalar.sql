{#- A JSON value that is no object and no list, as text without quotes. PostgreSQL only. -#}
{% macro json_scalar(value) -%}
    {{ value }} #>> '{}'
{%- endmacro %}
