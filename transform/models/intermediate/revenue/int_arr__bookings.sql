-- Bookings against the change of ARR, by ended month. A booking is recognised in the month of the
-- last change of ARR that belongs to it; without any, in that of its closing.
with opportunities as (
    select
        opportunity_id,
        case when is_won then iacv else iacv_lost end as booked,
        {{ month_start('close_date') }} as close_month
    from {{ ref('int_opportunities__enriched') }}
    where
        close_date is not null
        and (is_won or (is_lost and order_type = 'renewal'))
),

effects as (
    select * from {{ ref('int_arr__effects') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

recognised as (
    select
        opportunities.opportunity_id,
        opportunities.booked,
        opportunities.close_month,
        coalesce(max(effects.month_start), opportunities.close_month) as service_month
    from opportunities
    left join effects
        on opportunities.opportunity_id = effects.opportunity_id
    group by
        opportunities.opportunity_id,
        opportunities.booked,
        opportunities.close_month
),

items as (
    select
        close_month as month_start,
        booked,
        -booked as timing,
        0 as valuation,
        0 as unbooked,
        0 as arr_delta
    from recognised

    union all

    select
        service_month as month_start,
        0 as booked,
        booked as timing,
        -booked as valuation,
        0 as unbooked,
        0 as arr_delta
    from recognised

    union all

    select
        effects.month_start,
        0 as booked,
        0 as timing,
        case when opportunities.opportunity_id is null then 0 else effects.arr_delta end as valuation,
        case when opportunities.opportunity_id is null then effects.arr_delta else 0 end as unbooked,
        effects.arr_delta
    from effects
    left join opportunities
        on effects.opportunity_id = opportunities.opportunity_id
),

final as (
    select
        items.month_start,
        sum(items.booked) as booked,
        sum(items.timing) as timing,
        sum(items.valuation) as valuation,
        sum(items.unbooked) as unbooked,
        sum(items.arr_delta) as arr_delta
    from items
    cross join as_of
    where {{ add_months('items.month_start', 1) }} <= {{ add_days('as_of.as_of_date', 1) }}
    group by items.month_start
)

select * from final
