-- From the first touch that made a lead on: one journey a customer, or a person of none.
with people as (
    select * from {{ ref('int_people__customers') }}
),

members as (
    select
        'customer:' || customer_account_id as journey_key,
        customer_account_id,
        person_key
    from people
    where customer_account_id is not null

    union all

    select
        'person:' || person_key as journey_key,
        cast(null as text) as customer_account_id,
        person_key
    from people
    group by person_key
    having count(customer_account_id) = 0
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
    where first_touch_id is not null
),

touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
),

orders as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        is_won
        and iacv > 0
),

customers as (
    select * from {{ ref('int_customers__acquired') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

ranked as (
    select
        members.journey_key,
        members.customer_account_id,
        touches.channel,
        touches.campaign_id,
        touches.touched_date,
        row_number() over (
            partition by members.journey_key
            order by touches.touched_date, touches.created_at, {{ bytewise('touches.campaign_member_id') }}
        ) as touch_rank
    from members
    inner join leads
        on members.person_key = leads.person_key
    inner join touches
        on leads.first_touch_id = touches.campaign_member_id
),

first_orders as (
    select
        customers.customer_account_id,
        customers.acquired_date,
        sum(orders.iacv) as first_iacv
    from customers
    inner join orders
        on customers.customer_account_id = orders.customer_account_id
        and customers.acquired_date = orders.close_date
    group by customers.customer_account_id, customers.acquired_date
),

final as (
    select
        ranked.journey_key,
        ranked.customer_account_id,
        ranked.channel,
        ranked.campaign_id,
        first_orders.customer_account_id is not null as is_won,
        coalesce(first_orders.first_iacv, 0) as first_iacv,
        {{ dbt.datediff(
            'ranked.touched_date', 'coalesce(first_orders.acquired_date, as_of.as_of_date)', 'day'
        ) }} as days,
        {{ dbt.datediff('ranked.touched_date', 'as_of.as_of_date', 'day') }} as age_days,
        ranked.touched_date,
        first_orders.acquired_date
    from ranked
    left join first_orders
        on ranked.customer_account_id = first_orders.customer_account_id
    cross join as_of
    where ranked.touch_rank = 1
)

select * from final
