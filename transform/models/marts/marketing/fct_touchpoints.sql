with touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
    where first_touch_id is not null
),

final as (
    select
        {{ surrogate_key('sfdc.campaign_member', 'touches.campaign_member_id') }} as touchpoint_id,
        people.person_id,
        people.organization_id,
        {{ surrogate_key('sfdc.campaign', 'touches.campaign_id') }} as campaign_id,
        touches.channel,
        'campaign_response' as touch_type,
        touches.member_status as touch_status,
        'salesforce' as source_system,
        touches.campaign_member_id as source_id,
        {{ surrogate_key('sfdc.campaign_member', 'touches.dedup_group_id') }} as dedup_group_id,
        touches.is_repeated,
        leads.person_key is not null as is_first_touch,
        touches.touched_date,
        {{ start_of_day('touches.touched_date') }} as touched_at
    from touches
    inner join people
        on {{ dbt.hash('touches.person_key') }} = people.person_id
    left join leads
        on touches.campaign_member_id = leads.first_touch_id
)

select * from final
