-- One row a subscription: the version that counts now, and the organization that uses it.
with versions as (
    select * from {{ ref('int_subscriptions__versions') }}
    where not is_draft
),

billing_accounts as (
    select * from {{ ref('int_billing_accounts__owners') }}
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
owned as (
    select
        ranked.*,
        billing_accounts.currency,
        billing_accounts.account_id as billing_crm_account_id,
        coalesce(by_opportunity.surviving_account_id, billing_accounts.account_id) as account_id
    from ranked
    left join billing_accounts
        on ranked.billing_account_id = billing_accounts.billing_account_id
    left join opportunities
        on left(ranked.opportunity_id, 15) = left(opportunities.opportunity_id, 15)
    left join accounts as by_opportunity
        on opportunities.account_id = by_opportunity.account_id
        and by_opportunity.is_active
    where ranked.recency = 1
),

final as (
    select
        owned.lineage_id,
        owned.subscription_id,
        owned.subscription_name,
        owned.subscription_status,
        owned.billing_account_id,
        owned.opportunity_id,
        owned.account_id,
        owned.billing_crm_account_id,
        coalesce(owned.account_id, 'billing:' || owned.billing_account_id) as organization_key,
        coalesce(nullif(trim(account_details.segment), ''), 'unknown') as segment,
        owned.currency,
        owned.is_cancelled,
        owned.term_start_date,
        owned.term_end_date,
        owned.cancelled_date
    from owned
    left join account_details
        on owned.account_id = account_details.account_id
)

select * from final
