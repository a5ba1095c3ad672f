-- What each customer or prospect cost to win, and to grow since.
with touches as (
    select
        customer_account_id,
        count(case when cost_kind <> 'growth' then 1 end) as touches,
        sum(case when cost_kind <> 'growth' then cost else 0 end) as direct_cost,
        sum(case when cost_kind = 'growth' then cost else 0 end) as growth_cost
    from {{ ref('int_costs__touches') }}
    where customer_account_id is not null
    group by customer_account_id
),

spread as (
    select
        customer_account_id,
        sum(cost) as spread_cost
    from {{ ref('int_costs__spread') }}
    where customer_account_id is not null
    group by customer_account_id
),

customers as (
    select * from {{ ref('int_customers__acquired') }}
),

organizations as (
    select customer_account_id from {{ ref('int_people__owners') }}
    union
    select customer_account_id from customers
),

final as (
    select
        organizations.customer_account_id,
        coalesce(touches.touches, 0) as touches,
        coalesce(touches.direct_cost, 0) as direct_cost,
        coalesce(spread.spread_cost, 0) as spread_cost,
        coalesce(touches.growth_cost, 0) as growth_cost,
        customers.acquired_date
    from organizations
    left join touches
        on organizations.customer_account_id = touches.customer_account_id
    left join spread
        on organizations.customer_account_id = spread.customer_account_id
    left join customers
        on organizations.customer_account_id = customers.customer_account_id
)

select * from final
