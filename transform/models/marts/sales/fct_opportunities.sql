with opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

roles as (
    select
        opportunity_id,
        contact_id,
        row_number() over (
            partition by opportunity_id
            order by case when is_primary then 0 else 1 end, created_at, {{ bytewise('opportunity_contact_role_id') }}
        ) as role_rank
    from {{ ref('stg_salesforce__opportunity_contact_roles') }}
    where not is_deleted
),

people as (
    select * from {{ ref('int_people__clusters') }}
),

final as (
    select
        opportunities.opportunity_id,
        {{ organization_key('opportunities.account_id') }} as organization_id,
        {{ organization_key('opportunities.customer_account_id') }} as customer_organization_id,
        coalesce({{ dbt.hash('people.person_key') }}, {{ unknown_member() }}) as person_id,
        coalesce({{ surrogate_key('sfdc.campaign', 'opportunities.campaign_id') }}, {{ unknown_member() }})
            as campaign_id,
        opportunities.merged_opportunity_id as merged_into_id,
        opportunities.owner_id,
        coalesce(stages.stage_name, {{ unknown_member() }}) as stage_name,
        opportunities.order_type,
        opportunities.segment,
        opportunities.channel,
        opportunities.lead_source,
        opportunities.forecast_category,
        opportunities.currency,
        opportunities.amount,
        opportunities.accepted_amount,
        opportunities.acv,
        opportunities.iacv,
        opportunities.iacv_lost,
        opportunities.renewal_acv,
        opportunities.tcv,
        opportunities.one_time,
        opportunities.term_months,
        opportunities.is_closed,
        opportunities.is_won,
        opportunities.is_lost,
        opportunities.is_excluded,
        opportunities.is_partner,
        opportunities.order_type = 'refund' as is_refund,
        coalesce(opportunities.term_months > 12, false) as is_multi_year,
        opportunities.created_date,
        opportunities.accepted_date,
        opportunities.qualified_date,
        case when opportunities.is_closed then opportunities.close_date end as closed_date,
        opportunities.close_date as expected_close_date,
        opportunities.created_at
    from opportunities
    left join stages
        on opportunities.stage_name = stages.stage_name
    left join roles
        on opportunities.opportunity_id = roles.opportunity_id
        and roles.role_rank = 1
    left join people
        on 'sfdc.contact:' || roles.contact_id = people.record_key
)

select * from final
