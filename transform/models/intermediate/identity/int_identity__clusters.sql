-- Each record with the one that anchors what it belongs to: of an organization the oldest account
-- of the CRM that still counts, else the oldest billing account, else the licence, else the domain.
-- A soft link takes a cluster without any account to the one cluster it leads to, and never joins
-- two accounts: what leads to several stays apart and is a conflict.
with nodes as (
    select
        nodes.*,
        clusters.cluster_key
    from {{ ref('int_identity__nodes') }} as nodes
    inner join {{ ref('int_identity__hard_clusters') }} as clusters
        on nodes.node_key = clusters.node_key
),

ranked as (
    select
        *,
        case
            when not is_active and node_kind = 'organization' then 9
            when not is_survivor then 8
            when object_name = 'Account' and source_name = 'salesforce' then 1
            when object_name = 'Account' then 2
            when object_name = 'Subscription' then 3
            when object_name = 'License' then 4
            else 5
        end as anchor_rank,
        case
            when node_kind = 'person' then cluster_key
            when object_name = 'Instance' and domain is not null then 'domain:' || domain
            else node_key
        end as own_anchor_key
    from nodes
),

anchored as (
    select
        *,
        first_value(own_anchor_key) over best_first as anchor_key,
        first_value(anchor_rank) over best_first = 1 as has_crm_account
    from ranked
    window best_first as (
        partition by cluster_key order by anchor_rank, created_at, {{ bytewise('node_key') }}
    )
),

soft_targets as (
    select
        left_node.cluster_key,
        right_node.anchor_key,
        edges.rule_code,
        edges.weight
    from {{ ref('int_identity__edges') }} as edges
    inner join anchored as left_node
        on edges.left_node = left_node.node_key
    inner join anchored as right_node
        on edges.right_node = right_node.node_key
    where
        edges.strength = 'soft'
        and edges.is_valid
        and left_node.node_kind = 'organization'
        and not left_node.has_crm_account
        and left_node.anchor_key <> right_node.anchor_key
),

-- The surer rule goes first: a licence before the name of a host.
ordered_targets as (
    select
        *,
        min(anchor_key) over (partition by cluster_key, rule_code)
        = max(anchor_key) over (partition by cluster_key, rule_code) as is_unambiguous,
        row_number() over (
            partition by cluster_key order by weight desc, rule_code asc, {{ bytewise('anchor_key') }} asc
        ) as place
    from soft_targets
),

joined as (
    select
        cluster_key,
        rule_code,
        anchor_key
    from ordered_targets
    where
        place = 1
        and is_unambiguous
),

final as (
    select
        anchored.node_key,
        anchored.node_kind,
        anchored.source_name,
        anchored.object_name,
        anchored.source_id,
        anchored.cluster_key as hard_cluster_key,
        coalesce(joined.anchor_key, anchored.anchor_key) as anchor_key,
        case when joined.cluster_key is null then 'hard' else 'soft' end as strength,
        joined.rule_code as soft_rule_code,
        anchored.is_active,
        anchored.created_at
    from anchored
    left join joined
        on anchored.cluster_key = joined.cluster_key
)

select * from final
