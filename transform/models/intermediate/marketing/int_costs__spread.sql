-- What the touches of those who have not bought cost, by campaign and month of the touch, given to
-- the customers won by touches there: each of its touches weighs 1 / (number of its touches). What
-- no customer takes has none.
with touches as (
    select
        *,
        {{ month_start('touched_date') }} as touched_month
    from {{ ref('int_costs__touches') }}
),

pools as (
    select
        campaign_id,
        touched_month,
        sum(cost) as cost
    from touches
    where cost_kind = 'open'
    group by campaign_id, touched_month
),

shares as (
    select
        customer_account_id,
        campaign_id,
        touched_month,
        1.0 / count(*) over (partition by customer_account_id) as share
    from touches
    where cost_kind = 'direct'
),

weights as (
    select
        customer_account_id,
        campaign_id,
        touched_month,
        sum(share) as weight
    from shares
    group by customer_account_id, campaign_id, touched_month
),

final as (
    select
        pools.campaign_id,
        pools.touched_month,
        weights.customer_account_id,
        coalesce(
            {{ divided(
                'pools.cost * weights.weight',
                'sum(weights.weight) over (partition by pools.campaign_id, pools.touched_month)'
            ) }},
            pools.cost
        ) as cost
    from pools
    left join weights
        on pools.campaign_id = weights.campaign_id
        and pools.touched_month = weights.touched_month
)

select * from final
