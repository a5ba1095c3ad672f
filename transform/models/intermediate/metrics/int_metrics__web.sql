-- Visitors, downloads and trials of the web site.
with web_days as (
    select
        *,
        {{ month_start('web_date') }} as month_start
    from {{ ref('stg_csv__web_daily') }}
    where not is_deleted
),

web_months as (
    select * from {{ ref('stg_csv__web_monthly') }}
    where not is_deleted
),

leads as (
    select * from {{ ref('int_leads__funnel') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'downloads' as metric_code,
        month_start,
        channel,
        'ce' as edition,
        downloads_ce as numerator,
        cast(null as numeric) as denominator
    from web_days

    union all

    select
        'downloads' as metric_code,
        month_start,
        channel,
        'ee' as edition,
        downloads_ee as numerator,
        cast(null as numeric) as denominator
    from web_days

    union all

    select
        'trials' as metric_code,
        month_start,
        channel,
        cast(null as text) as edition,
        trials as numerator,
        cast(null as numeric) as denominator
    from web_days
),

{{ roll_up('measures', ['total', 'channel', 'edition'], periods='periods') }},

visitors as (
    select
        month_start,
        'total' as dimension_type,
        'all' as dimension_id,
        sum(visitors) as visitors
    from web_months
    group by 1, 2, 3

    union all

    select
        month_start,
        'channel' as dimension_type,
        channel as dimension_id,
        sum(visitors) as visitors
    from web_months
    group by 1, 2, 3
),

new_leads as (
    select
        {{ month_start('created_date') }} as month_start,
        count(*) as leads
    from leads
    group by 1
),

readings as (
    select
        'visitors' as metric_code,
        'month' as period_type,
        month_start as period_start,
        dimension_type,
        dimension_id,
        visitors as numerator,
        1 as denominator,
        cast(null as text) as quality_note
    from visitors

    union all

    select
        'visitor_to_lead_rate' as metric_code,
        'month' as period_type,
        visitors.month_start as period_start,
        visitors.dimension_type,
        visitors.dimension_id,
        coalesce(new_leads.leads, 0) as numerator,
        visitors.visitors as denominator,
        cast(null as text) as quality_note
    from visitors
    left join new_leads
        on visitors.month_start = new_leads.month_start
    where visitors.dimension_type = 'total'
),

{{ stock_rows('readings') }},

final as (
    {{ figures_of('rolled_up') }}

    union all

    {{ figures_of('stocks') }}
)

select * from final
