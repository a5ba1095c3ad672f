with campaigns as (
    select * from {{ ref('int_campaigns__channels') }}
    where actual_cost <> 0
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

-- A cost without a usable start falls on the day the campaign was created.
spans as (
    select
        campaigns.*,
        case
            when campaigns.start_date <= as_of.as_of_date then campaigns.start_date
            else coalesce(campaigns.created_date, as_of.as_of_date)
        end as first_day,
        case
            when campaigns.start_date <= as_of.as_of_date
                then greatest(campaigns.start_date, least(campaigns.end_date, as_of.as_of_date))
            else coalesce(campaigns.created_date, as_of.as_of_date)
        end as last_day
    from campaigns
    cross join as_of
),

final as (
    select
        spans.campaign_id,
        spans.channel,
        spans.currency,
        spans.actual_cost / ({{ dbt.datediff('spans.first_day', 'spans.last_day', 'day') }} + 1) as spend,
        spend_days.day as spend_date
    from spans
    cross join lateral {{ series('spans.first_day', 'spans.last_day', 'day') }} as spend_days
)

select * from final
