with touches as (
    select * from {{ ref('int_touchpoints__unioned') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
    where first_touch_id is not null
),

costs as (
    select * from {{ ref('int_costs__touches') }}
),

final as (
    select
        touches.touch_key as touchpoint_id,
        coalesce(people.person_id, {{ unknown_member() }}) as person_id,
        coalesce(people.organization_id, {{ unknown_member() }}) as organization_id,
        coalesce({{ dbt.hash('touches.campaign_key') }}, {{ unknown_member() }}) as campaign_id,
        touches.channel,
        touches.touch_type,
        touches.touch_status,
        touches.source_system,
        touches.source_id,
        touches.ad_id,
        touches.identity_rule,
        touches.kept_key as dedup_group_id,
        costs.cost as allocated_cost,
        touches.is_kept,
        touches.is_repeated,
        touches.is_response,
        leads.person_key is not null as is_first_touch,
        touches.touched_date,
        touches.touched_at
    from touches
    left join people
        on {{ dbt.hash('touches.person_key') }} = people.person_id
    left join leads
        on touches.source_system = 'salesforce'
        and touches.source_id = leads.first_touch_id
    left join costs
        on touches.source_system = 'salesforce'
        and touches.source_id = costs.campaign_member_id
)

select * from final
