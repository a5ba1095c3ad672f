with resolved as (
    select * from {{ ref('int_accounts__resolved') }}
    where
        is_active
        and account_id = surviving_account_id
),

accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

wins as (
    select
        account_id,
        min(close_date) as first_won_date
    from {{ ref('int_opportunities__enriched') }}
    where
        is_won
        and iacv > 0
    group by account_id
),

organizations as (
    select
        {{ surrogate_key('sfdc.account', 'resolved.account_id') }} as organization_id,
        {{ surrogate_key('sfdc.account', 'resolved.parent_account_id') }} as parent_organization_id,
        {{ surrogate_key('sfdc.account', 'resolved.ultimate_parent_account_id') }} as ultimate_parent_organization_id,
        'salesforce' as anchor_system,
        resolved.account_id as anchor_id,
        accounts.account_name as organization_name,
        {{ website_domain('accounts.website') }} as domain,
        accounts.account_type,
        accounts.industry,
        coalesce(nullif(trim(accounts.segment), ''), 'unknown') as segment,
        accounts.billing_country as country,
        case when wins.account_id is null then 'prospect' else 'customer' end as customer_status,
        accounts.employees,
        true as has_crm,
        wins.first_won_date,
        accounts.created_at as first_seen_at
    from resolved
    inner join accounts
        on resolved.account_id = accounts.account_id
    left join wins
        on resolved.account_id = wins.account_id
),

unknown as (
    select
        {{ unknown_member() }} as organization_id,
        cast(null as text) as parent_organization_id,
        {{ unknown_member() }} as ultimate_parent_organization_id,
        {{ unknown_member() }} as anchor_system,
        {{ unknown_member() }} as anchor_id,
        'Unknown organization' as organization_name,
        cast(null as text) as domain,
        cast(null as text) as account_type,
        cast(null as text) as industry,
        'unknown' as segment,
        cast(null as text) as country,
        'prospect' as customer_status,
        cast(null as numeric) as employees,
        false as has_crm,
        cast(null as date) as first_won_date,
        cast(null as timestamp with time zone) as first_seen_at
),

final as (
    select * from organizations
    union all
    select * from unknown
)

select * from final
