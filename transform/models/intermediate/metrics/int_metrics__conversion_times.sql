with opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        not is_excluded
        and order_type <> 'refund'
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

journeys as (
    select * from {{ ref('int_journeys__started') }}
),

stage_stays as (
    select * from {{ ref('int_opportunities__stage_stays') }}
),

invoices as (
    select * from {{ ref('int_invoices__cash') }}
    where not is_settled_without_cash
),

cohorts as (
    select
        'time_to_close' as metric_code,
        created_date as start_date,
        segment,
        order_type,
        is_won as is_event,
        close_date
    from opportunities

    union all

    select
        'time_to_close_from_acceptance' as metric_code,
        accepted_date as start_date,
        segment,
        order_type,
        is_won as is_event,
        close_date
    from opportunities
    where accepted_date is not null

    union all

    select
        'time_to_loss' as metric_code,
        created_date as start_date,
        segment,
        order_type,
        is_lost as is_event,
        close_date
    from opportunities

    union all

    select
        'days_to_cash_median' as metric_code,
        invoice_date as start_date,
        cast(null as text) as segment,
        cast(null as text) as order_type,
        paid_date is not null as is_event,
        paid_date as close_date
    from invoices

    union all

    select
        'order_to_cash_median' as metric_code,
        order_date as start_date,
        cast(null as text) as segment,
        cast(null as text) as order_type,
        paid_date is not null as is_event,
        paid_date as close_date
    from invoices
    where order_date is not null
),

-- Whoever has not come to the end is waited for until the as-of date, lost or not.
timed as (
    select
        cohorts.metric_code,
        {{ month_start('cohorts.start_date') }} as month_start,
        cohorts.segment,
        cohorts.order_type,
        cast(null as text) as channel,
        cast(null as text) as campaign,
        cast(null as text) as stage,
        cohorts.is_event,
        {{ dbt.datediff(
            'cohorts.start_date', 'case when cohorts.is_event then cohorts.close_date else as_of.as_of_date end', 'day'
        ) }} as days
    from cohorts
    cross join as_of

    union all

    select
        'conversion_time' as metric_code,
        {{ month_start('touched_date') }} as month_start,
        cast(null as text) as segment,
        cast(null as text) as order_type,
        channel,
        campaign_id as campaign,
        cast(null as text) as stage,
        is_won as is_event,
        days
    from journeys

    union all

    select
        'time_in_stage' as metric_code,
        {{ month_start('stays.first_entered_date') }} as month_start,
        cast(null as text) as segment,
        cast(null as text) as order_type,
        cast(null as text) as channel,
        cast(null as text) as campaign,
        stays.stage_name as stage,
        stays.is_over as is_event,
        stays.days_in_stage as days
    from stage_stays as stays
    inner join opportunities
        on stays.opportunity_id = opportunities.opportunity_id
),

{#- The time in a stage says nothing of all stages together. #}
{{ median_rows(
    'timed',
    ['total', 'segment', 'order_type', 'channel', 'campaign', 'stage'],
    periods='periods',
    total_where='stage is null'
) }}

select * from median_rows
