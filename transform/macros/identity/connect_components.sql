{#-
    CTEs that find the connected components of a graph: `<name>_<n>` gives each node the
    smallest node its component has (`label`). `edges` needs each edge both ways, and each node
    with itself. A step takes the smallest label of the neighbours, then that label's own label,
    so that labels travel ever faster. `identity_max_hops` steps; a test tells when they were
    too few.
-#}
{% macro connect_components(name, edges) -%}
    {{ name }}_0 as (
        select
            left_record as node,
            min(right_record) as label
        from {{ edges }}
        group by left_record
    )
    {%- for step in range(1, var('identity_max_hops')) -%}
    ,

    {{ name }}_{{ step }}_near as (
        select
            edge.left_record as node,
            min(neighbour.label) as label
        from {{ edges }} as edge
        inner join {{ name }}_{{ step - 1 }} as neighbour
            on edge.right_record = neighbour.node
        group by edge.left_record
    ),

    {{ name }}_{{ step }} as (
        select
            near.node,
            least(near.label, further.label) as label
        from {{ name }}_{{ step }}_near as near
        inner join {{ name }}_{{ step }}_near as further
            on near.label = further.node
    )
    {%- endfor %}
{%- endmacro %}


{#- The name of the last CTE of connect_components. -#}
{% macro components(name) -%}
    {{ name }}_{{ var('identity_max_hops') - 1 }}
{%- endmacro %}
