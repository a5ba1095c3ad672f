-- What campaigns cost by day, of the best source that knows what each cost: the ad platform, then
-- bills, then what the CRM says of the whole campaign.
with links as (
    select * from {{ ref('int_campaigns__links') }}
    where source_system = 'facebook'
),

known as (
    select * from {{ ref('int_campaigns__known') }}
),

rates as (
    select * from {{ ref('int_fx__rates') }}
    where rate_kind = 'spot'
),

ad_days as (
    select * from {{ ref('stg_facebook__ad_days') }}
    where not is_deleted
),

bills as (
    select
        left(campaign_id, 15) as short_campaign_id,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        amount,
        spend_date
    from {{ ref('stg_csv__marketing_spend') }}
    where not is_deleted
),

planned as (
    select * from {{ ref('int_campaigns__spend_by_day') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

told as (
    select
        1 as preference,
        'facebook.ad_days' as spend_source,
        coalesce('sfdc.campaign:' || links.campaign_id, 'facebook.campaign:' || ad_days.facebook_campaign_id)
            as campaign_key,
        links.campaign_id,
        coalesce(known.channel, 'paid_social') as channel,
        ad_days.ad_id,
        coalesce(ad_days.currency, '{{ var("reporting_currency") }}') as currency,
        coalesce(ad_days.spend, 0) as spend,
        ad_days.impressions,
        ad_days.clicks,
        ad_days.spend_date
    from ad_days
    left join links
        on ad_days.facebook_campaign_id = links.source_campaign_id
    left join known
        on links.campaign_id = known.campaign_id

    union all

    select
        2 as preference,
        'csv.marketing_spend' as spend_source,
        'sfdc.campaign:' || known.campaign_id as campaign_key,
        known.campaign_id,
        known.channel,
        cast(null as text) as ad_id,
        bills.currency,
        sum(bills.amount) as spend,
        cast(null as numeric) as impressions,
        cast(null as numeric) as clicks,
        bills.spend_date
    from bills
    inner join known
        on bills.short_campaign_id = left(known.campaign_id, 15)
    cross join as_of
    where bills.spend_date <= as_of.as_of_date
    group by known.campaign_id, known.channel, bills.currency, bills.spend_date

    union all

    select
        3 as preference,
        'salesforce.campaign_cost' as spend_source,
        'sfdc.campaign:' || campaign_id as campaign_key,
        campaign_id,
        channel,
        cast(null as text) as ad_id,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        spend,
        cast(null as numeric) as impressions,
        cast(null as numeric) as clicks,
        spend_date
    from planned
),

-- The CRM's cost counts as it is told, like everywhere else.
converted as (
    select
        told.*,
        case
            when told.preference = 3 then told.spend
            else {{ in_reporting_currency('told.spend', 'told.currency', 'rates.exchange_rate') }}
        end as reporting_spend
    from told
    left join rates
        on told.currency = rates.currency
        and told.spend_date >= rates.valid_from
        and told.spend_date < rates.valid_until
),

-- A source whose amounts cannot be told in the reporting currency does not know what it cost.
ranked as (
    select
        campaign_key,
        min(preference) as preference
    from (
        select
            campaign_key,
            preference
        from converted
        group by campaign_key, preference
        having count(*) = count(reporting_spend)
    ) as usable
    group by campaign_key
),

final as (
    select
        converted.campaign_key,
        converted.campaign_id,
        converted.channel,
        converted.ad_id,
        converted.spend_source,
        converted.currency,
        converted.spend,
        converted.reporting_spend,
        converted.impressions,
        converted.clicks,
        converted.spend_source = 'salesforce.campaign_cost' as is_estimate,
        converted.spend_date
    from converted
    inner join ranked
        on converted.campaign_key = ranked.campaign_key
        and converted.preference = ranked.preference
)

select * from final
