with conflicts as (
    select * from {{ ref('int_identity__conflicts') }}
),

organizations as (
    select * from {{ ref('int_identity__organizations') }}
),

final as (
    select
        conflicts.conflict_id,
        conflicts.rule_code,
        conflicts.reason,
        conflicts.left_record,
        conflicts.right_record,
        coalesce(left_organization.organization_id, {{ unknown_member() }}) as left_organization_id,
        coalesce(right_organization.organization_id, {{ unknown_member() }}) as right_organization_id,
        conflicts.candidates,
        conflicts.evidence,
        conflicts.resolved_by,
        conflicts.opened_at
    from conflicts
    left join organizations as left_organization
        on conflicts.left_anchor_key = left_organization.anchor_key
    left join organizations as right_organization
        on conflicts.right_anchor_key = right_organization.anchor_key
)

select * from final
