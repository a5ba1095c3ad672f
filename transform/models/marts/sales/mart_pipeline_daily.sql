-- The open pipeline at the end of each day, as the history of the opportunities tells it.
with histories as (
    select * from {{ ref('stg_salesforce__opportunity_histories') }}
    where not is_deleted
),

opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        not is_excluded
        and order_type <> 'refund'
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

dated as (
    select
        *,
        {{ reporting_date('created_at') }} as entered_date
    from histories
),

-- What an opportunity was at the end of a day stays so until the day of its next change.
last_of_days as (
    select
        *,
        row_number() over (
            partition by opportunity_id, entered_date
            order by created_at desc, {{ bytewise('opportunity_history_id') }} desc
        ) as recency
    from dated
),

spans as (
    select
        opportunity_id,
        stage_name,
        amount,
        probability,
        close_date,
        entered_date,
        lead(entered_date) over (partition by opportunity_id order by entered_date) as left_date
    from last_of_days
    where recency = 1
),

open_spans as (
    select
        opportunities.segment,
        stages.stage_name,
        stages.stage_order,
        coalesce(spans.amount, 0) * opportunities.reporting_rate as amount,
        spans.probability,
        spans.close_date,
        spans.entered_date,
        coalesce(spans.left_date, {{ add_days('as_of.as_of_date', 1) }}) as left_date
    from spans
    inner join opportunities
        on spans.opportunity_id = opportunities.opportunity_id
    inner join stages
        on spans.stage_name = stages.stage_name
    cross join as_of
    where stages.is_open
),

final as (
    select
        spans.segment,
        spans.stage_name,
        cast(count(*) as integer) as open_opportunities,
        coalesce(sum(spans.amount), 0) as amount,
        coalesce(sum(spans.amount * spans.probability / 100), 0) as weighted_amount,
        coalesce(
            sum(
                case
                    when spans.close_date < {{ add_months('dates.fiscal_quarter_start', 3) }} then spans.amount
                end
            ),
            0
        ) as amount_due_this_quarter,
        coalesce(
            sum(
                case
                    when
                        spans.close_date >= {{ add_months('dates.fiscal_quarter_start', 3) }}
                        and spans.close_date < {{ add_months('dates.fiscal_quarter_start', 6) }}
                        then spans.amount
                end
            ),
            0
        ) as amount_due_next_quarter,
        dates.date_day as pipeline_date
    from open_spans as spans
    inner join dates
        on spans.entered_date <= dates.date_day
        and spans.left_date > dates.date_day
    cross join as_of
    where dates.date_day <= as_of.as_of_date
    group by spans.segment, spans.stage_name, dates.date_day
)

select * from final
