-- Charges one after another: what each follows, what follows it, and the order that made it. All
-- versions of a subscription tell its charges again; the first to tell one was made by its order.
with charges as (
    select
        *,
        case when tier_rank is null then product_code else 'tiered' end as product_line
    from {{ ref('int_charges__recurring') }}
    where end_date is null or start_date < end_date
),

versions as (
    select * from {{ ref('int_subscriptions__versions') }}
    where not is_draft
),

told as (
    select
        versions.lineage_id,
        versions.opportunity_id,
        charges.charge_number,
        charges.quantity,
        charges.mrr,
        charges.start_date,
        row_number() over (
            partition by
                versions.lineage_id, charges.charge_number, charges.quantity, charges.mrr, charges.start_date
            order by versions.version_number, versions.created_at, {{ bytewise('versions.subscription_id') }}
        ) as telling
    from {{ ref('stg_zuora__rate_plan_charges') }} as charges
    inner join versions
        on charges.subscription_id = versions.subscription_id
    where not charges.is_deleted
),

ordered as (
    select
        charges.*,
        told.opportunity_id
    from charges
    left join told
        on charges.lineage_id = told.lineage_id
        and charges.charge_number = told.charge_number
        and charges.quantity = told.quantity
        and charges.mrr = told.mrr
        and charges.start_date = told.start_date
        and told.telling = 1
),

final as (
    select
        rate_plan_charge_id,
        lineage_id,
        account_id,
        organization_key,
        segment,
        product_code,
        tier_rank,
        opportunity_id,
        lead(opportunity_id) over charges_in_order as next_opportunity_id,
        lag(product_code) over charges_in_order as product_before,
        lag(tier_rank) over charges_in_order as tier_rank_before,
        arr,
        lag(arr) over charges_in_order as arr_before,
        lead(start_date) over charges_in_order is null as is_last,
        start_date,
        end_date
    from ordered
    window charges_in_order as (
        partition by lineage_id, product_line order by start_date, {{ bytewise('rate_plan_charge_id') }}
    )
)

select * from final
