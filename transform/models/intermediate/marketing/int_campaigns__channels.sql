with campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
    where not is_deleted
),

channel_rules as (
    select * from {{ ref('channel_rules') }}
    where source_system = 'salesforce'
),

final as (
    select
        campaigns.campaign_id,
        campaigns.parent_campaign_id,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.campaign_status,
        campaigns.currency,
        coalesce(channel_rules.channel, 'unmapped') as channel,
        campaigns.actual_cost,
        campaigns.budgeted_cost,
        campaigns.is_active,
        campaigns.start_date,
        campaigns.end_date,
        {{ reporting_date('campaigns.created_at') }} as created_date
    from campaigns
    left join channel_rules
        on lower(trim(campaigns.campaign_type)) = lower(channel_rules.campaign_type)
)

select * from final
