-- One row a subscription: the version that counts now, and the organization that uses it.
with versions as (
    select * from {{ ref('int_subscriptions__versions') }}
    where not is_draft
),

billing_accounts as (
    select * from {{ ref('stg_zuora__accounts') }}
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

accounts as (
    select * from {{ ref('int_accounts__resolved') }}
),

account_details as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by lineage_id
            order by version_number desc nulls last, created_at desc, {{ bytewise('subscription_id') }} desc
        ) as recency
    from versions
),

-- The id Salesforce shows has 15 characters, the one its API gives 18: the first 15 tell.
final as (
    select
        ranked.lineage_id,
        ranked.subscription_id,
        ranked.subscription_name,
        ranked.subscription_status,
        ranked.billing_account_id,
        ranked.opportunity_id,
        coalesce(by_opportunity.surviving_account_id, by_crm_id.surviving_account_id) as account_id,
        by_crm_id.surviving_account_id as billing_crm_account_id,
        coalesce(
            by_opportunity.surviving_account_id,
            by_crm_id.surviving_account_id,
            'billing:' || ranked.billing_account_id
        ) as organization_key,
        coalesce(nullif(trim(account_details.segment), ''), 'unknown') as segment,
        billing_accounts.currency,
        ranked.is_cancelled,
        ranked.term_start_date,
        ranked.term_end_date,
        ranked.cancelled_date
    from ranked
    left join billing_accounts
        on ranked.billing_account_id = billing_accounts.billing_account_id
    left join opportunities
        on left(ranked.opportunity_id, 15) = left(opportunities.opportunity_id, 15)
    left join accounts as by_opportunity
        on opportunities.account_id = by_opportunity.account_id
    left join accounts as by_crm_id
        on left(billing_accounts.crm_account_id, 15) = left(by_crm_id.account_id, 15)
    left join account_details
        on coalesce(by_opportunity.surviving_account_id, by_crm_id.surviving_account_id)
        = account_details.account_id
    where ranked.recency = 1
)

select * from final
