{#-
    CTEs that follow links to their end: `<name>_<n>` has, for each key, the last key of its
    chain (`last_key`; null without a link). Each step doubles the links followed, so that
    `chain_doublings` steps resolve chains of 2^n links without a recursive query, which unit
    tests could not cover. A link to a missing record, or to itself, is no link.

    Grouping changes no row, keys being unique: it tells the planner so, which otherwise takes
    each join to multiply its rows and ends with plans for 10^100 of them.
-#}
{% macro resolve_chain(name, relation, key, next_key) -%}
    {{ name }}_0 as (
        select
            record.{{ key }},
            max(following.{{ key }}) as last_key
        from {{ relation }} as record
        left join {{ relation }} as following
            on record.{{ next_key }} = following.{{ key }}
            and record.{{ key }} <> following.{{ key }}
        group by record.{{ key }}
    )
    {%- for step in range(1, var('chain_doublings') + 1) -%}
    ,

    {{ name }}_{{ step }} as (
        select
            record.{{ key }},
            max(coalesce(following.last_key, record.last_key)) as last_key
        from {{ name }}_{{ step - 1 }} as record
        left join {{ name }}_{{ step - 1 }} as following
            on record.last_key = following.{{ key }}
        group by record.{{ key }}
    )
    {%- endfor %}
{%- endmacro %}


{#- The name of the last CTE of resolve_chain. -#}
{% macro resolved(name) -%}
    {{ name }}_{{ var('chain_doublings') }}
{%- endmacro %}
