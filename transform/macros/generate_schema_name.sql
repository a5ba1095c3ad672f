{#-
    Schemas are used as they are named: staging, intermediate, marts, seeds. With the var
    `schema_prefix` all of them are others, so that metrics can be built beside the real ones.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('schema_prefix', '') ~ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
