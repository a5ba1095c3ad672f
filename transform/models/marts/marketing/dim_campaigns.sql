with campaigns as (
    select * from {{ ref('int_campaigns__channels') }}
),

final as (
    select
        {{ surrogate_key('sfdc.campaign', 'campaign_id') }} as campaign_id,
        {{ surrogate_key('sfdc.campaign', 'parent_campaign_id') }} as parent_campaign_id,
        campaign_id as sfdc_campaign_id,
        campaign_name,
        campaign_type,
        campaign_status,
        channel,
        currency,
        actual_cost,
        budgeted_cost,
        coalesce(is_active, false) as is_active,
        start_date,
        end_date
    from campaigns

    union all

    select
        {{ unknown_member() }} as campaign_id,
        cast(null as text) as parent_campaign_id,
        cast(null as text) as sfdc_campaign_id,
        'No campaign' as campaign_name,
        cast(null as text) as campaign_type,
        cast(null as text) as campaign_status,
        'unattributed' as channel,
        cast(null as text) as currency,
        cast(null as numeric) as actual_cost,
        cast(null as numeric) as budgeted_cost,
        false as is_active,
        cast(null as date) as start_date,
        cast(null as date) as end_date
)

select * from final
