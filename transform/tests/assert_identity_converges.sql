-- Two records that a hard link joins in different clusters: raise the var identity_max_hops.
select
    edges.left_node,
    edges.right_node
from {{ ref('int_identity__edges') }} as edges
inner join {{ ref('int_identity__clusters') }} as left_cluster
    on edges.left_node = left_cluster.node_key
inner join {{ ref('int_identity__clusters') }} as right_cluster
    on edges.right_node = right_cluster.node_key
where
    edges.is_valid
    and edges.strength = 'hard'
    and left_cluster.hard_cluster_key <> right_cluster.hard_cluster_key
