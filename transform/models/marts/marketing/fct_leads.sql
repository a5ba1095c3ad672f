with leads as (
    select * from {{ ref('int_leads__funnel') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

final as (
    select
        {{ dbt.hash("'lead:' || leads.person_key") }} as lead_id,
        people.person_id,
        people.organization_id,
        coalesce({{ surrogate_key('sfdc.campaign', 'leads.campaign_id') }}, {{ unknown_member() }}) as campaign_id,
        {{ surrogate_key('sfdc.campaign_member', 'leads.first_touch_id') }} as first_touch_id,
        leads.channel,
        people.lead_source,
        leads.lead_record_count,
        leads.is_won,
        leads.created_date,
        leads.first_touched_date,
        leads.cohort_date,
        leads.mql_date,
        leads.converted_date,
        leads.accepted_date,
        leads.created_at
    from leads
    inner join people
        on {{ dbt.hash('leads.person_key') }} = people.person_id
)

select * from final
