with clusters as (
    select * from {{ ref('int_people__clusters') }}
),

salt as (
    select * from {{ ref('int_people__email_salt') }}
),

free_mail_domains as (
    select * from {{ ref('free_mail_domains') }}
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
),

-- The best record speaks for the person: contacts before leads, then those with an
-- organization, with an address, then the oldest.
ranked as (
    select
        *,
        min(created_at) over (partition by person_key) as first_seen_at,
        row_number() over (
            partition by person_key
            order by
                record_type,
                case when account_id is null then 1 else 0 end,
                case when email is null then 1 else 0 end,
                created_at,
                {{ bytewise('record_key') }}
        ) as record_rank
    from clusters
),

addresses as (
    select
        *,
        nullif({{ dbt.split_part('email', "'@'", 2) }}, '') as email_domain
    from ranked
    where record_rank = 1
),

people as (
    select
        {{ dbt.hash('addresses.person_key') }} as person_id,
        coalesce({{ surrogate_key('sfdc.account', 'addresses.account_id') }}, {{ unknown_member() }})
            as organization_id,
        {{ salted_hash('salt.salt', 'addresses.email') }} as email_hash,
        addresses.email_domain,
        'salesforce.' || addresses.record_type as best_source,
        addresses.lead_source,
        free_mail_domains.email_domain is not null as is_free_mail,
        leads.person_key is not null as is_lead,
        addresses.first_seen_at
    from addresses
    cross join salt
    left join free_mail_domains
        on addresses.email_domain = free_mail_domains.email_domain
    left join leads
        on addresses.person_key = leads.person_key
),

unknown as (
    select
        {{ unknown_member() }} as person_id,
        {{ unknown_member() }} as organization_id,
        cast(null as text) as email_hash,
        cast(null as text) as email_domain,
        {{ unknown_member() }} as best_source,
        cast(null as text) as lead_source,
        false as is_free_mail,
        false as is_lead,
        cast(null as timestamp with time zone) as first_seen_at
),

final as (
    select * from people
    union all
    select * from unknown
)

select * from final
