-- What each customer ordered first; orders won on one day are one order.
with wins as (
    select
        *,
        min(close_date) over (partition by customer_account_id) as acquired_date
    from {{ ref('int_opportunities__enriched') }}
    where
        is_won
        and iacv > 0
        and close_date is not null
        and customer_account_id is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_account_id order by created_at, {{ bytewise('opportunity_id') }}
        ) as order_rank
    from wins
    where close_date = acquired_date
),

final as (
    select
        customer_account_id,
        max(case when order_rank = 1 then opportunity_id end) as opportunity_id,
        max(case when order_rank = 1 then segment end) as segment,
        sum(iacv) as iacv,
        acquired_date
    from ranked
    group by customer_account_id, acquired_date
)

select * from final
