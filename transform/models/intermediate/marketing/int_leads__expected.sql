-- What each lead may still bring. Who buys is a customer, or a person of none: its leads share its
-- chance, and what it ordered first. The chance of one that has not bought yet: of the share p of
-- journeys of its channel that ever end in an order the part that is still to come at its age,
-- p (1 - s) / (1 - p s), s being the share that has come by then.
with leads as (
    select * from {{ ref('int_leads__funnel') }}
),

owners as (
    select * from {{ ref('int_people__owners') }}
),

first_orders as (
    select * from {{ ref('int_customers__first_orders') }}
),

shares as (
    select * from {{ ref('int_journeys__iacv_shares') }}
),

curves as (
    select
        dimension_type,
        dimension_id,
        plateau
    from {{ ref('int_metrics__conversion_times') }}
    where
        metric_code = 'conversion_time'
        and period_type = 'all'
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

typical as (
    select avg(iacv) as iacv from first_orders
),

aged as (
    select
        leads.person_key,
        coalesce('customer:' || owners.customer_account_id, 'person:' || leads.person_key) as buyer_key,
        first_orders.iacv as ordered_iacv,
        coalesce(by_channel.plateau, of_all.plateau, 0) as plateau,
        {{ dbt.datediff('leads.cohort_date', 'as_of.as_of_date', 'day') }} as age_days
    from leads
    cross join as_of
    left join owners
        on leads.person_key = owners.person_key
    left join first_orders
        on owners.customer_account_id = first_orders.customer_account_id
    left join curves as by_channel
        on by_channel.dimension_type = 'channel'
        and leads.channel = by_channel.dimension_id
    left join curves as of_all
        on of_all.dimension_type = 'total'
),

shared as (
    select
        aged.person_key,
        aged.buyer_key,
        aged.ordered_iacv,
        aged.plateau,
        coalesce(max(shares.share), 0) as share_come
    from aged
    left join shares
        on aged.age_days >= shares.days
    group by aged.person_key, aged.buyer_key, aged.ordered_iacv, aged.plateau
),

chances as (
    select
        *,
        case
            when ordered_iacv is not null then 1
            when plateau * share_come < 1 then plateau * (1 - share_come) / (1 - plateau * share_come)
            else 0
        end as conversion_chance,
        count(*) over (partition by buyer_key) as leads_of_buyer
    from shared
),

final as (
    select
        chances.person_key,
        {{ shown_number('chances.conversion_chance') }} as conversion_chance,
        {{ divided('chances.conversion_chance', 'chances.leads_of_buyer') }} as expected_customers,
        {{ divided(
            'coalesce(chances.ordered_iacv, chances.conversion_chance * typical.iacv, 0)', 'chances.leads_of_buyer'
        ) }} as expected_iacv
    from chances
    cross join typical
)

select * from final
