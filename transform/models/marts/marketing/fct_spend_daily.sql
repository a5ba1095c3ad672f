with spend as (
    select * from {{ ref('int_campaigns__spend_by_day') }}
),

final as (
    select
        {{ surrogate_key('sfdc.campaign', 'campaign_id') }} as campaign_id,
        channel,
        'salesforce.campaign_cost' as spend_source,
        currency as spend_currency,
        spend,
        true as is_estimate,
        spend_date
    from spend
)

select * from final
