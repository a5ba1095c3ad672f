-- Records that hard links hold together, by the smallest of them.
with edges as (
    select
        left_node,
        right_node
    from {{ ref('int_identity__edges') }}
    where
        is_valid
        and strength = 'hard'
),

both_ways as (
    select
        left_node as left_record,
        right_node as right_record
    from edges

    union

    select
        right_node as left_record,
        left_node as right_record
    from edges

    union

    select
        node_key as left_record,
        node_key as right_record
    from {{ ref('int_identity__nodes') }}
),

{{ connect_components('component', 'both_ways') }},

final as (
    select
        node as node_key,
        label as cluster_key
    from {{ components('component') }}
)

select * from final
