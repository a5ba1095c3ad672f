-- An id that an organization once had and has no more must lead to the one it has now. What the
-- snapshot holds for current may be older than the clusters, where only some models were built.
select assignments.organization_id
from {{ ref('snap_identity_assignments') }} as assignments
inner join {{ ref('int_identity__clusters') }} as clusters
    on assignments.node_key = clusters.node_key
    and clusters.is_active
left join {{ ref('dim_organizations') }} as organizations
    on assignments.organization_id = organizations.organization_id
left join {{ ref('bdg_organization_sources') }} as sources
    on assignments.organization_id = sources.assigned_organization_id
where
    assignments.dbt_valid_to is not null
    and organizations.organization_id is null
    and sources.organization_id is null
