-- How far each lead has come: qualified by marketing, accepted by sales, won.
with leads as (
    select * from {{ ref('int_leads__first_touches') }}
),

records as (
    select
        clusters.person_key,
        source.mql_date,
        source.converted_date,
        opportunities.accepted_date,
        coalesce(opportunities.is_won, false) as is_won
    from {{ ref('int_people__clusters') }} as clusters
    inner join {{ ref('stg_salesforce__leads') }} as source
        on clusters.record_id = source.lead_id
    left join {{ ref('int_opportunities__enriched') }} as opportunities
        on source.converted_opportunity_id = opportunities.opportunity_id
        and not opportunities.is_excluded
    where clusters.record_type = 'lead'
),

progress as (
    select
        person_key,
        count(*) as lead_record_count,
        min(mql_date) as mql_date,
        min(converted_date) as converted_date,
        min(accepted_date) as accepted_date,
        {{ dbt.bool_or('is_won') }} as is_won
    from records
    group by person_key
),

final as (
    select
        leads.person_key,
        leads.first_touch_id,
        leads.campaign_id,
        coalesce(leads.channel, 'unattributed') as channel,
        progress.lead_record_count,
        progress.is_won,
        leads.created_date,
        leads.first_touched_date,
        leads.cohort_date,
        progress.mql_date,
        progress.converted_date,
        progress.accepted_date,
        leads.created_at
    from leads
    inner join progress
        on leads.person_key = progress.person_key
)

select * from final
