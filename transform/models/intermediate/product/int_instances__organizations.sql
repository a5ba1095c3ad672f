-- Each instance with the organization its cluster is of, and by which rule.
with instances as (
    select * from {{ ref('int_instances__owners') }}
),

clusters as (
    select * from {{ ref('int_identity__clusters') }}
    where object_name = 'Instance'
),

shared as (
    select left_record as license_node
    from {{ ref('int_identity__conflicts') }}
    where reason = 'shared_license'
),

final as (
    select
        instances.instance_uuid,
        instances.license_key,
        instances.hostname,
        {{ organization_of('clusters.node_key') }} as organization_id,
        coalesce(
            clusters.soft_rule_code,
            case when instances.license_key is null then 'anchor' else 'R7' end
        ) as rule_code,
        shared.license_node is not null as is_license_shared,
        instances.first_recorded_at
    from instances
    inner join clusters
        on 'gitlab.instance:' || instances.instance_uuid = clusters.node_key
    left join shared
        on 'gitlab.license:' || instances.license_key = shared.license_node
)

select * from final
