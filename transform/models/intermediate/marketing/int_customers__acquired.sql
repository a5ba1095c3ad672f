with opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
),

members as (
    select * from {{ ref('int_people__customers') }}
    where customer_account_id is not null
),

touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
    where not is_repeated
),

customers as (
    select
        customer_account_id,
        min(close_date) as acquired_date
    from opportunities
    where
        is_won
        and iacv > 0
        and close_date is not null
        and customer_account_id is not null
    group by customer_account_id
),

ranked as (
    select
        customers.customer_account_id,
        touches.campaign_member_id,
        touches.campaign_id,
        touches.channel,
        touches.touched_date,
        row_number() over (
            partition by customers.customer_account_id
            order by touches.touched_date, touches.created_at, {{ bytewise('touches.campaign_member_id') }}
        ) as touch_rank
    from customers
    inner join members
        on customers.customer_account_id = members.customer_account_id
    inner join touches
        on members.person_key = touches.person_key
        and touches.touched_date
        between {{ add_days('customers.acquired_date', '-' ~ var('lookback_days')) }} and customers.acquired_date
),

final as (
    select
        customers.customer_account_id,
        first_touch.campaign_member_id as first_touch_id,
        first_touch.campaign_id,
        coalesce(first_touch.channel, 'unattributed') as channel,
        customers.acquired_date,
        first_touch.touched_date as first_touched_date
    from customers
    left join ranked as first_touch
        on customers.customer_account_id = first_touch.customer_account_id
        and first_touch.touch_rank = 1
)

select * from final
