with leads as (
    select * from {{ ref('int_leads__first_touches') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

records as (
    select
        clusters.person_key,
        count(*) as lead_record_count,
        min(source.mql_date) as mql_date,
        min(source.converted_date) as converted_date
    from {{ ref('int_people__clusters') }} as clusters
    inner join {{ ref('stg_salesforce__leads') }} as source
        on clusters.record_id = source.lead_id
    where clusters.record_type = 'lead'
    group by clusters.person_key
),

final as (
    select
        {{ dbt.hash("'lead:' || leads.person_key") }} as lead_id,
        people.person_id,
        people.organization_id,
        coalesce({{ surrogate_key('sfdc.campaign', 'leads.campaign_id') }}, {{ unknown_member() }}) as campaign_id,
        {{ surrogate_key('sfdc.campaign_member', 'leads.first_touch_id') }} as first_touch_id,
        coalesce(leads.channel, 'unattributed') as channel,
        people.lead_source,
        records.lead_record_count,
        leads.created_date,
        leads.first_touched_date,
        leads.cohort_date,
        records.mql_date,
        records.converted_date,
        leads.created_at
    from leads
    inner join people
        on {{ dbt.hash('leads.person_key') }} = people.person_id
    inner join records
        on leads.person_key = records.person_key
)

select * from final
