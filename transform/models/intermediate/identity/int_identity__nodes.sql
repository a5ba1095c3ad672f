-- Every record of every source that is somebody: an organization or a person.
with people as (
    select * from {{ ref('int_people__records') }}
),

marketo_leads as (
    select * from {{ ref('stg_marketo__leads') }}
),

lead_deletes as (
    select distinct lead_id from {{ ref('stg_marketo__lead_deletes') }}
    where not is_deleted
),

live_marketo_leads as (
    select marketo_leads.*
    from marketo_leads
    left join lead_deletes
        on marketo_leads.lead_id = lead_deletes.lead_id
    where
        not marketo_leads.is_deleted
        and lead_deletes.lead_id is null
),

records as (
    select
        'sfdc.account:' || resolved.account_id as node_key,
        'salesforce' as source_name,
        'Account' as object_name,
        resolved.account_id as source_id,
        'organization' as node_kind,
        cast(null as text) as email,
        {{ website_domain('accounts.website') }} as host,
        accounts.account_name as name,
        resolved.is_active,
        resolved.account_id = resolved.surviving_account_id as is_survivor,
        accounts.created_at
    from {{ ref('int_accounts__resolved') }} as resolved
    inner join {{ ref('stg_salesforce__accounts') }} as accounts
        on resolved.account_id = accounts.account_id

    union all

    select
        record_key as node_key,
        'salesforce' as source_name,
        case record_type when 'lead' then 'Lead' else 'Contact' end as object_name,
        record_id as source_id,
        'person' as node_kind,
        email,
        cast(null as text) as host,
        cast(null as text) as name,
        is_active,
        record_key = surviving_record_key as is_survivor,
        created_at
    from people

    union all

    select
        'marketo.lead:' || marketo_leads.lead_id as node_key,
        'marketo' as source_name,
        'Lead' as object_name,
        marketo_leads.lead_id as source_id,
        'person' as node_kind,
        marketo_leads.email,
        cast(null as text) as host,
        marketo_leads.company as name,
        live_marketo_leads.lead_id is not null as is_active,
        true as is_survivor,
        marketo_leads.created_at
    from marketo_leads
    left join live_marketo_leads
        on marketo_leads.lead_id = live_marketo_leads.lead_id

    union all

    select
        'marketo.lead:' || merged.lead_id as node_key,
        'marketo' as source_name,
        'Lead' as object_name,
        merged.lead_id as source_id,
        'person' as node_kind,
        cast(null as text) as email,
        cast(null as text) as host,
        cast(null as text) as name,
        live_marketo_leads.lead_id is not null as is_active,
        true as is_survivor,
        cast(null as timestamp with time zone) as created_at
    from {{ ref('int_marketo__merged_leads') }} as merged
    left join live_marketo_leads
        on merged.surviving_lead_id = live_marketo_leads.lead_id

    union all

    select
        'facebook.lead_ad:' || lead_ad_id as node_key,
        'facebook' as source_name,
        'Lead' as object_name,
        lead_ad_id as source_id,
        'person' as node_kind,
        email,
        cast(null as text) as host,
        company_name as name,
        not is_deleted as is_active,
        true as is_survivor,
        created_at
    from {{ ref('stg_facebook__lead_ads') }}

    union all

    select
        'zuora.account:' || billing_account_id as node_key,
        'zuora' as source_name,
        'Account' as object_name,
        billing_account_id as source_id,
        'organization' as node_kind,
        cast(null as text) as email,
        cast(null as text) as host,
        account_name as name,
        true as is_active,
        true as is_survivor,
        created_at
    from {{ ref('int_billing_accounts__owners') }}

    union all

    select
        'zuora.subscription:' || subscription_id as node_key,
        'zuora' as source_name,
        'Subscription' as object_name,
        subscription_id as source_id,
        'organization' as node_kind,
        cast(null as text) as email,
        cast(null as text) as host,
        cast(null as text) as name,
        not is_draft as is_active,
        true as is_survivor,
        created_at
    from {{ ref('int_subscriptions__versions') }}

    union all

    select
        'gitlab.license:' || license_key as node_key,
        'gitlab' as source_name,
        'License' as object_name,
        license_key as source_id,
        'organization' as node_kind,
        licensee_email as email,
        cast(null as text) as host,
        licensee_company as name,
        true as is_active,
        true as is_survivor,
        cast(license_starts_on as timestamp with time zone) as created_at
    from {{ ref('int_licenses__owners') }}

    union all

    select
        'gitlab.instance:' || instance_uuid as node_key,
        'gitlab' as source_name,
        'Instance' as object_name,
        instance_uuid as source_id,
        'organization' as node_kind,
        cast(null as text) as email,
        lower(hostname) as host,
        cast(null as text) as name,
        true as is_active,
        true as is_survivor,
        first_recorded_at as created_at
    from {{ ref('int_instances__owners') }}
),

addresses as (
    select
        *,
        {{ normalized_email('email') }} as address
    from records
),

parts as (
    select
        *,
        nullif({{ dbt.split_part('address', "'@'", 2) }}, '') as email_domain,
        {{ dbt.split_part(dbt.split_part('address', "'@'", 1), "'+'", 1) }} as plain_name
    from addresses
),

-- What stands behind a plus is a note to oneself where the mail host is known to drop it; dots say
-- nothing at Google's.
final as (
    select
        parts.node_key,
        parts.source_name,
        parts.object_name,
        parts.source_id,
        parts.node_kind,
        case
            when parts.email_domain in ('gmail.com', 'googlemail.com')
                then replace(parts.plain_name, '.', '') || '@gmail.com'
            when free_mail.email_domain is not null then parts.plain_name || '@' || parts.email_domain
            else parts.address
        end as email,
        parts.email_domain,
        free_mail.email_domain is not null as is_free_mail,
        parts.host,
        {{ registrable_domain('parts.host') }} as domain,
        {{ normalized_name('parts.name') }} as name,
        parts.is_active,
        parts.is_survivor,
        parts.created_at
    from parts
    left join {{ ref('free_mail_domains') }} as free_mail
        on parts.email_domain = free_mail.email_domain
)

select * from final
