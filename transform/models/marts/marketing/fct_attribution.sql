with weights as (
    select * from {{ ref('int_attribution__weights') }}
),

orders as (
    select * from {{ ref('int_opportunities__enriched') }}
),

final as (
    select
        weights.opportunity_id,
        weights.model_code,
        coalesce(
            {{ surrogate_key('sfdc.campaign_member', 'weights.campaign_member_id') }}, {{ unknown_member() }}
        ) as touchpoint_id,
        coalesce({{ surrogate_key('sfdc.campaign', 'weights.campaign_id') }}, {{ unknown_member() }}) as campaign_id,
        weights.channel,
        weights.weight,
        weights.weight * orders.iacv as iacv_attributed,
        orders.close_date
    from weights
    inner join orders
        on weights.opportunity_id = orders.opportunity_id
)

select * from final
