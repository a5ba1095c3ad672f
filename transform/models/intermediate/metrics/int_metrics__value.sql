-- What a new customer is worth, and what that is to what it cost.
with orders as (
    select * from {{ ref('int_customers__first_orders') }}
),

assumptions as (
    select * from {{ ref('int_value__assumptions') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'ltv' as metric_code,
        {{ month_start('orders.acquired_date') }} as month_start,
        orders.segment,
        orders.iacv * assumptions.gross_margin * assumptions.lifetime_years as numerator,
        1 as denominator
    from orders
    cross join assumptions
    where
        assumptions.gross_margin is not null
        and assumptions.lifetime_years is not null
),

{{ roll_up('measures', ['total', 'segment'], periods='periods') }},

worth as (
    select
        sum(numerator) as ltv,
        count(*) as customers
    from measures
),

first_orders as (
    select avg(iacv) / 12 as monthly_iacv from orders
),

readings as (
    select
        'ltv_to_cac' as metric_code,
        worth.ltv / worth.customers as numerator,
        assumptions.cac as denominator,
        case when assumptions.cac = 0 then 'no_cost' end as quality_note
    from worth
    cross join assumptions
    where
        worth.customers > 0
        and assumptions.cac is not null

    union all

    select
        'payback_months' as metric_code,
        assumptions.cac as numerator,
        first_orders.monthly_iacv * assumptions.gross_margin as denominator,
        cast(null as text) as quality_note
    from first_orders
    cross join assumptions
    where
        first_orders.monthly_iacv is not null
        and assumptions.gross_margin is not null
        and assumptions.cac is not null
),

final as (
    select
        rolled_up.metric_code,
        rolled_up.period_type,
        rolled_up.period_start,
        rolled_up.dimension_type,
        rolled_up.dimension_id,
        rolled_up.numerator,
        rolled_up.denominator,
        rolled_up.value,
        case
            when assumptions.lifetime_years = {{ var('max_lifetime_years') }} then 'bounded_lifetime'
        end as quality_note
    from rolled_up
    cross join assumptions

    union all

    select
        metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        numerator,
        denominator,
        {{ divided('numerator', 'denominator') }} as value,
        quality_note
    from readings
)

select * from final
