with resolved as (
    select * from {{ ref('int_accounts__resolved') }}
    where
        is_active
        and account_id = surviving_account_id
),

accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

known as (
    select * from {{ ref('int_identity__organizations') }}
),

ids as (
    select * from {{ ref('int_identity__organization_ids') }}
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

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

-- Whether an organization pays now, of those that ever were to.
subscribers as (
    select
        {{ user_organization_key('charges.organization_key') }} as organization_id,
        {{ dbt.bool_or(in_force('charges', 'as_of.as_of_date')) }} as is_subscribed,
        min(charges.start_date) <= min(as_of.as_of_date) as has_begun
    from {{ ref('int_charges__recurring') }} as charges
    cross join as_of
    where charges.end_date is null or charges.start_date < charges.end_date
    group by charges.organization_key
),

organizations as (
    select
        known.organization_id,
        parents.organization_id as parent_organization_id,
        coalesce(top_parents.organization_id, known.organization_id) as ultimate_parent_organization_id,
        known.anchor_system,
        known.anchor_id,
        coalesce(accounts.account_name, known.organization_name) as organization_name,
        coalesce({{ website_domain('accounts.website') }}, known.domain) as domain,
        accounts.account_type,
        accounts.industry,
        coalesce(nullif(trim(accounts.segment), ''), 'unknown') as segment,
        accounts.billing_country as country,
        case
            when known.is_reseller then 'partner'
            when {{ matches_pattern('accounts.account_type', "'partner|reseller'") }} then 'partner'
            when subscribers.is_subscribed then 'customer'
            when subscribers.has_begun then 'former'
            when wins.account_id is not null then 'customer'
            else 'prospect'
        end as customer_status,
        accounts.employees,
        known.has_crm,
        known.has_billing,
        known.has_usage,
        known.has_marketing,
        wins.first_won_date,
        coalesce(accounts.created_at, known.first_seen_at) as first_seen_at
    from known
    left join resolved
        on known.anchor_key = 'sfdc.account:' || resolved.account_id
    left join ids as parents
        on 'sfdc.account:' || resolved.parent_account_id = parents.node_key
    left join ids as top_parents
        on 'sfdc.account:' || resolved.ultimate_parent_account_id = top_parents.node_key
    left join accounts
        on resolved.account_id = accounts.account_id
    left join wins
        on resolved.account_id = wins.account_id
    left join subscribers
        on known.organization_id = subscribers.organization_id
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
        false as has_billing,
        false as has_usage,
        false as has_marketing,
        cast(null as date) as first_won_date,
        cast(null as timestamp with time zone) as first_seen_at
),

final as (
    select * from organizations
    union all
    select * from unknown
)

select * from final
