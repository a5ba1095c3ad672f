with spend as (
    select * from {{ ref('int_spend__daily') }}
),

final as (
    select
        {{ dbt.hash('campaign_key') }} as campaign_id,
        coalesce(ad_id, {{ unknown_member() }}) as ad_id,
        channel,
        spend_source,
        currency as spend_currency,
        spend,
        reporting_spend,
        impressions,
        clicks,
        is_estimate,
        spend_date
    from spend
)

select * from final
