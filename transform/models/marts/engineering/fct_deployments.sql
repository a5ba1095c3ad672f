with deployments as (
    select * from {{ ref('stg_gitlab__deployments') }}
    where not is_deleted
),

final as (
    select
        deployment_id,
        project_id,
        coalesce(environment_name, {{ unknown_member() }}) as environment_name,
        ref,
        commit_id,
        deployment_status,
        created_at as started_at,
        updated_at as changed_at
    from deployments
)

select * from final
