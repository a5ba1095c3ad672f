-- All campaigns of the CRM, those that were deleted too: what was spent on them was spent.
with campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
),

channel_rules as (
    select * from {{ ref('channel_rules') }}
    where source_system = 'salesforce'
),

final as (
    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        coalesce(channel_rules.channel, 'unmapped') as channel,
        {{ name_key('campaigns.campaign_name') }} as name_key,
        campaigns.is_deleted
    from campaigns
    left join channel_rules
        on lower(trim(campaigns.campaign_type)) = lower(channel_rules.campaign_type)
)

select * from final
