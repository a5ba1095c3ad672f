-- What each touch cost: the spend of its campaign until now in equal parts to its touches. What it
-- is a cost of: of winning the customer (direct), of growing it (growth), or of somebody who has
-- not bought yet (open).
with touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
    where not is_repeated
),

owners as (
    select * from {{ ref('int_people__owners') }}
),

spend as (
    select
        campaign_id,
        sum(spend) as spend
    from {{ ref('int_campaigns__spend_by_day') }}
    group by campaign_id
),

counted as (
    select
        *,
        count(*) over (partition by campaign_id) as campaign_touches
    from touches
),

final as (
    select
        counted.campaign_member_id,
        counted.person_key,
        owners.customer_account_id,
        counted.campaign_id,
        counted.channel,
        case
            when owners.acquired_date is null then 'open'
            when counted.touched_date > owners.acquired_date then 'growth'
            else 'direct'
        end as cost_kind,
        {{ divided('coalesce(spend.spend, 0)', 'counted.campaign_touches') }} as cost,
        counted.touched_date,
        owners.acquired_date
    from counted
    left join owners
        on counted.person_key = owners.person_key
    left join spend
        on counted.campaign_id = spend.campaign_id
)

select * from final
