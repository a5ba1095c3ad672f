-- The records an organization has in each source, and the ids it had before.
with clusters as (
    select
        *,
        {{ dbt.hash('anchor_key') }} as organization_id
    from {{ ref('int_identity__clusters') }}
    where
        node_kind = 'organization'
        and is_active
),

edges as (
    select
        left_node as node_key,
        min(rule_code) as rule_code
    from {{ ref('int_identity__edges') }}
    where is_valid
    group by left_node
),

assignments as (
    select * from {{ ref('snap_identity_assignments') }}
    where dbt_valid_to is not null
),

-- An id that a record was given before, and is not given now: whoever kept it finds the new one here.
earlier as (
    select
        assignments.node_key,
        assignments.organization_id as earlier_organization_id,
        min(assignments.dbt_valid_from) as valid_from,
        max(assignments.dbt_valid_to) as valid_to
    from assignments
    group by
        assignments.node_key,
        assignments.organization_id
),

final as (
    select
        clusters.organization_id,
        clusters.source_name,
        clusters.object_name,
        clusters.source_id,
        coalesce(clusters.soft_rule_code, edges.rule_code, 'anchor') as rule_code,
        case when clusters.strength = 'hard' then 1.0 else 0.7 end as confidence,
        clusters.organization_id as assigned_organization_id,
        clusters.created_at as valid_from,
        cast(null as timestamp with time zone) as valid_to
    from clusters
    left join edges
        on clusters.node_key = edges.node_key

    union all

    select
        clusters.organization_id,
        clusters.source_name,
        clusters.object_name,
        clusters.source_id,
        'alias' as rule_code,
        1.0 as confidence,
        earlier.earlier_organization_id as assigned_organization_id,
        cast(earlier.valid_from as timestamp with time zone) as valid_from,
        cast(earlier.valid_to as timestamp with time zone) as valid_to
    from earlier
    inner join clusters
        on earlier.node_key = clusters.node_key
    where earlier.earlier_organization_id <> clusters.organization_id
)

select * from final
