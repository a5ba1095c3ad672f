-- The records an organization has in each source, and the ids it had before.
with clusters as (
    select
        records.*,
        ids.organization_id
    from {{ ref('int_identity__clusters') }} as records
    inner join {{ ref('int_identity__organization_ids') }} as ids
        on records.node_key = ids.node_key
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

living as (
    select distinct organization_id from clusters
),

-- An id that a record was given before, and is not given now. Whoever kept one that is no more finds
-- the new one here; one that lives on was split, and the record is not of it any more.
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
        case when living.organization_id is null then 'alias' else 'split' end as rule_code,
        1.0 as confidence,
        earlier.earlier_organization_id as assigned_organization_id,
        cast(earlier.valid_from as timestamp with time zone) as valid_from,
        cast(earlier.valid_to as timestamp with time zone) as valid_to
    from earlier
    inner join clusters
        on earlier.node_key = clusters.node_key
    left join living
        on earlier.earlier_organization_id = living.organization_id
    where earlier.earlier_organization_id <> clusters.organization_id
)

select * from final
