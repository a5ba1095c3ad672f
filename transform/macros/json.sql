{#- The items of a JSON list, one a row, column `value`; none of what is no list. PostgreSQL only. -#}
{% macro json_items(list) -%}
    jsonb_array_elements(case when jsonb_typeof({{ list }}) = 'array' then {{ list }} else '[]' end)
{%- endmacro %}


{#- A property of a JSON object as text; null without it. PostgreSQL only. -#}
{% macro json_text(object, name) -%}
    {{ object }} ->> '{{ name }}'
{%- endmacro %}


{#- The first value of the entry with a name in a list of {name, values}. PostgreSQL only. -#}
{% macro json_answer(list, name) -%}
    (
        select nullif(trim(answer.value -> 'values' ->> 0), '')
        from {{ json_items(list) }} as answer
        where answer.value ->> 'name' = '{{ name }}'
        limit 1
    )
{%- endmacro %}


{#- The properties of a JSON object, one a row: columns key and value, both text. PostgreSQL only. -#}
{% macro json_properties(object) -%}
    jsonb_each_text(case when jsonb_typeof({{ object }}) = 'object' then {{ object }} else '{}' end)
{%- endmacro %}
