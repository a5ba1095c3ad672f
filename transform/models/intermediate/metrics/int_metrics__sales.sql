with opportunities as (
    select
        *,
        {{ month_start('close_date') }} as close_month,
        {{ month_start('accepted_date') }} as accepted_month
    from {{ ref('int_opportunities__enriched') }}
    where not is_excluded
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'iacv' as metric_code,
        close_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        iacv as numerator,
        cast(null as numeric) as denominator
    from opportunities
    where is_won

    union all

    select
        'iacv_net' as metric_code,
        close_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        case when is_won then iacv else iacv_lost end as numerator,
        cast(null as numeric) as denominator
    from opportunities
    where
        is_won
        or (is_lost and order_type = 'renewal')

    union all

    select
        'win_rate' as metric_code,
        close_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        case when is_won then 1 else 0 end as numerator,
        1 as denominator
    from opportunities
    where
        (is_won or is_lost)
        and order_type <> 'refund'

    union all

    select
        'win_rate_by_value' as metric_code,
        close_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        case when is_won then greatest(iacv, 0) else 0 end as numerator,
        case when is_won then greatest(iacv, 0) else coalesce(amount, 0) end as denominator
    from opportunities
    where
        (is_won or is_lost)
        and order_type <> 'refund'

    union all

    select
        'average_deal_size' as metric_code,
        close_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        iacv as numerator,
        1 as denominator
    from opportunities
    where
        is_won
        and iacv > 0
        and order_type <> 'refund'

    union all

    select
        'pipeline_created' as metric_code,
        accepted_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        accepted_amount as numerator,
        cast(null as numeric) as denominator
    from opportunities
    where
        accepted_date is not null
        and order_type <> 'refund'
),

{{ roll_up('measures', ['total', 'segment', 'channel', 'campaign', 'order_type'], periods='periods') }}

select * from rolled_up
