-- Whose account each billing account is: as somebody decided, else by the id of the CRM it names,
-- else that of the one customer whose orders it pays, if it has the same name. One that pays for
-- several is a reseller's, and no customer's. Billing accounts that only their subscriptions tell of are among them.
with versions as (
    select * from {{ ref('int_subscriptions__versions') }}
    where not is_draft
),

named as (
    select billing_account_id from versions
    where billing_account_id is not null

    union

    select billing_account_id from {{ ref('stg_zuora__accounts') }}
),

billing_accounts as (
    select
        named.billing_account_id,
        details.account_name,
        details.crm_account_id,
        details.currency,
        details.created_at
    from named
    left join {{ ref('stg_zuora__accounts') }} as details
        on named.billing_account_id = details.billing_account_id
),

accounts as (
    select * from {{ ref('int_accounts__resolved') }}
),

decided as (
    select
        billing_accounts.billing_account_id,
        min(accounts.surviving_account_id) as account_id
    from {{ ref('identity_overrides') }} as overrides
    inner join billing_accounts
        on 'zuora.account:' || billing_accounts.billing_account_id
        in (overrides.left_record, overrides.right_record)
    inner join accounts
        on 'sfdc.account:' || accounts.account_id in (overrides.left_record, overrides.right_record)
        and accounts.is_active
    where overrides.action = 'link'
    group by billing_accounts.billing_account_id
),

by_crm_id as (
    select
        billing_accounts.billing_account_id,
        accounts.surviving_account_id as account_id,
        accounts.is_active
    from billing_accounts
    inner join accounts
        on left(billing_accounts.crm_account_id, 15) = left(accounts.account_id, 15)
),

customers as (
    select
        versions.billing_account_id,
        min(accounts.surviving_account_id) as account_id,
        min({{ normalized_name('account_details.account_name') }}) as customer_name,
        count(distinct accounts.surviving_account_id) as customers
    from versions
    inner join {{ ref('stg_salesforce__opportunities') }} as opportunities
        on left(versions.opportunity_id, 15) = left(opportunities.opportunity_id, 15)
    inner join accounts
        on opportunities.account_id = accounts.account_id
        and accounts.is_active
    inner join {{ ref('stg_salesforce__accounts') }} as account_details
        on accounts.surviving_account_id = account_details.account_id
    group by versions.billing_account_id
),

by_orders as (
    select
        customers.*,
        customers.customers = 1
        and customers.customer_name = {{ normalized_name('billing_accounts.account_name') }} as is_same_name
    from customers
    inner join billing_accounts
        on customers.billing_account_id = billing_accounts.billing_account_id
),

final as (
    select
        billing_accounts.billing_account_id,
        billing_accounts.account_name,
        billing_accounts.crm_account_id,
        billing_accounts.currency,
        case
            when decided.account_id is not null then decided.account_id
            when by_crm_id.is_active then by_crm_id.account_id
            when by_orders.is_same_name then by_orders.account_id
        end as account_id,
        case
            when decided.account_id is not null then 'R0'
            when by_crm_id.is_active then 'R4'
            when by_orders.is_same_name then 'R8'
        end as rule_code,
        case when by_crm_id.is_active then by_crm_id.account_id end as crm_id_account_id,
        by_orders.account_id as order_account_id,
        coalesce(by_orders.customers, 0) as customers,
        billing_accounts.crm_account_id is not null and not coalesce(by_crm_id.is_active, false) as is_crm_id_gone,
        not coalesce(by_crm_id.is_active, false) and coalesce(by_orders.customers, 0) > 1 as is_reseller,
        billing_accounts.created_at
    from billing_accounts
    left join decided
        on billing_accounts.billing_account_id = decided.billing_account_id
    left join by_crm_id
        on billing_accounts.billing_account_id = by_crm_id.billing_account_id
    left join by_orders
        on billing_accounts.billing_account_id = by_orders.billing_account_id
)

select * from final
