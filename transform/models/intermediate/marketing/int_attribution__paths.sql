-- The touches of a customer's people before each of its orders, in order.
with orders as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        is_won
        and iacv > 0
),

people as (
    select * from {{ ref('int_people__customers') }}
    where customer_account_id is not null
),

touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
    where not is_repeated
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
),

first_leads as (
    select
        people.customer_account_id,
        min(leads.created_date) as lead_created_date
    from people
    inner join leads
        on people.person_key = leads.person_key
    group by people.customer_account_id
),

steps as (
    select
        orders.opportunity_id,
        touches.campaign_member_id,
        touches.campaign_id,
        touches.channel,
        touches.touched_date,
        orders.close_date,
        row_number() over path_in_order as place,
        count(*) over path as path_length,
        count(case when touches.touched_date <= first_leads.lead_created_date then 1 end) over path as lead_place,
        count(case when touches.touched_date <= orders.created_date then 1 end) over path as opportunity_place,
        case when touches.channel <> 'direct' then row_number() over path_in_order end as non_direct_place
    from orders
    inner join people
        on orders.customer_account_id = people.customer_account_id
    inner join touches
        on people.person_key = touches.person_key
        and touches.touched_date
        between {{ add_days('orders.close_date', '-' ~ var('lookback_days')) }} and orders.close_date
    left join first_leads
        on orders.customer_account_id = first_leads.customer_account_id
    window
        path as (partition by orders.opportunity_id),
        path_in_order as (
            partition by orders.opportunity_id
            order by touches.touched_date, touches.created_at, {{ bytewise('touches.campaign_member_id') }}
        )
),

placed as (
    select
        *,
        coalesce(max(non_direct_place) over (partition by opportunity_id), path_length) as last_non_direct_place
    from steps
),

final as (
    select
        opportunity_id,
        campaign_member_id,
        campaign_id,
        channel,
        place,
        path_length,
        place = 1 as is_first,
        place = path_length as is_last,
        place = last_non_direct_place as is_last_non_direct,
        place = lead_place as is_lead_creation,
        place = opportunity_place as is_opportunity_creation,
        {{ dbt.datediff('touched_date', 'close_date', 'day') }} as days_before_close,
        touched_date
    from placed
)

select * from final
