-- Every change of ARR on its day, with the opportunity that made it happen: a start belongs to the
-- order of the charge, an end to the order of what follows, else to what ended the subscription.
with charges as (
    select * from {{ ref('int_charges__sequenced') }}
    where arr is not null
),

endings as (
    select * from {{ ref('int_subscriptions__endings') }}
),

changes as (
    select
        rate_plan_charge_id,
        'start' as effect,
        opportunity_id,
        arr as arr_delta,
        start_date as effect_date
    from charges

    union all

    select
        charges.rate_plan_charge_id,
        'end' as effect,
        case when charges.is_last then endings.opportunity_id else charges.next_opportunity_id end as opportunity_id,
        -charges.arr as arr_delta,
        charges.end_date as effect_date
    from charges
    left join endings
        on charges.lineage_id = endings.lineage_id
    where charges.end_date is not null
),

final as (
    select
        changes.rate_plan_charge_id,
        changes.effect,
        opportunities.opportunity_id,
        changes.arr_delta,
        changes.effect_date,
        {{ month_start('changes.effect_date') }} as month_start
    from changes
    left join {{ ref('stg_salesforce__opportunities') }} as opportunities
        on left(changes.opportunity_id, 15) = left(opportunities.opportunity_id, 15)
)

select * from final
