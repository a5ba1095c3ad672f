-- The organization of each record that is of one now.
{{ config(indexes=[{'columns': ['node_key'], 'unique': true}]) }}
with clusters as (
    select * from {{ ref('int_identity__clusters') }}
    where
        node_kind = 'organization'
        and is_active
),

kept_ids as (
    select * from {{ ref('int_identity__kept_ids') }}
),

final as (
    select
        clusters.node_key,
        clusters.anchor_key,
        kept_ids.organization_id
    from clusters
    inner join kept_ids
        on clusters.node_key = kept_ids.node_key
)

select * from final
