-- What winning and growing customers cost, by the touches that led to it.
with organizations as (
    select * from {{ ref('int_costs__organizations') }}
),

acquired as (
    select * from {{ ref('int_customers__acquired') }}
),

first_orders as (
    select * from {{ ref('int_customers__first_orders') }}
),

touches as (
    select * from {{ ref('int_costs__touches') }}
),

spread as (
    select * from {{ ref('int_costs__spread') }}
),

spend as (
    select * from {{ ref('int_campaigns__spend_by_day') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

won as (
    select
        organizations.direct_cost,
        organizations.direct_cost + organizations.spread_cost as loaded_cost,
        first_orders.segment,
        acquired.channel,
        acquired.campaign_id as campaign,
        {{ month_start('organizations.acquired_date') }} as month_start
    from organizations
    inner join first_orders
        on organizations.customer_account_id = first_orders.customer_account_id
    inner join acquired
        on organizations.customer_account_id = acquired.customer_account_id
),

measures as (
    {%- for kind in ['direct', 'loaded'] %}
    select
        '{{ kind }}_cac' as metric_code,
        month_start,
        segment,
        channel,
        campaign,
        {{ kind }}_cost as numerator,
        1 as denominator
    from won

    union all
    {% endfor %}
    select
        'growth_cost' as metric_code,
        {{ month_start('touched_date') }} as month_start,
        cast(null as text) as segment,
        cast(null as text) as channel,
        cast(null as text) as campaign,
        cost as numerator,
        cast(null as integer) as denominator
    from touches
    where
        cost_kind = 'growth'
        and cost <> 0
),

{{ roll_up('measures', ['total', 'segment', 'channel', 'campaign'], periods='periods') }},

spent as (
    select sum(spend) as spend from spend
),

touched as (
    select coalesce(sum(cost), 0) as cost from touches
),

unspread as (
    select coalesce(sum(cost), 0) as cost
    from spread
    where customer_account_id is null
),

final as (
    select * from rolled_up

    union all

    -- What campaigns without touches cost, and touches where nobody was won.
    select
        'unallocated_spend_share' as metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        spent.spend - touched.cost + unspread.cost as numerator,
        spent.spend as denominator,
        {{ divided('(spent.spend - touched.cost + unspread.cost)', 'spent.spend') }} as value
    from spent
    cross join touched
    cross join unspread
    where spent.spend <> 0
)

select * from final
