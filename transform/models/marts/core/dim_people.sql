with people as (
    select * from {{ ref('int_identity__people') }}
),

nodes as (
    select * from {{ ref('int_identity__nodes') }}
),

crm_people as (
    select * from {{ ref('int_people__clusters') }}
),

links as (
    select * from {{ ref('int_identity__person_links') }}
),

salt as (
    select * from {{ ref('int_people__email_salt') }}
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
),

records as (
    select
        people.person_key,
        people.node_key,
        people.source_name,
        lower(people.object_name) as record_type,
        crm_people.account_id,
        crm_people.lead_source,
        nodes.email,
        nodes.email_domain,
        nodes.is_free_mail,
        people.created_at
    from people
    inner join nodes
        on people.node_key = nodes.node_key
    left join crm_people
        on people.node_key = crm_people.record_key
),

-- The best record speaks for the person: those of the CRM first, contacts before leads, then those
-- with an organization, with an address, then the oldest.
ranked as (
    select
        *,
        min(created_at) over (partition by person_key) as first_seen_at,
        row_number() over (
            partition by person_key
            order by
                case source_name when 'salesforce' then 1 when 'marketo' then 2 else 3 end,
                record_type,
                case when account_id is null then 1 else 0 end,
                case when email is null then 1 else 0 end,
                created_at,
                {{ bytewise('node_key') }}
        ) as record_rank
    from records
),

best as (
    select * from ranked
    where record_rank = 1
),

-- Who belongs to no account may belong to the one that holds the domain of the address.
by_domain as (
    select
        person_key,
        min(account_id) as account_id
    from links
    where rule_code = 'R10'
    group by person_key
    having count(*) = 1
),

people_known as (
    select
        {{ dbt.hash('best.person_key') }} as person_id,
        {{ organization_key('coalesce(best.account_id, by_domain.account_id)') }} as organization_id,
        case
            when best.account_id is not null then 'R3'
            when by_domain.account_id is not null then 'R10'
        end as organization_rule,
        {{ salted_hash('salt.salt', 'best.email') }} as email_hash,
        best.email_domain,
        best.source_name || '.' || best.record_type as best_source,
        best.lead_source,
        best.is_free_mail,
        leads.person_key is not null as is_lead,
        best.first_seen_at
    from best
    cross join salt
    left join by_domain
        on best.person_key = by_domain.person_key
    left join leads
        on best.person_key = leads.person_key
),

unknown as (
    select
        {{ unknown_member() }} as person_id,
        {{ unknown_member() }} as organization_id,
        cast(null as text) as organization_rule,
        cast(null as text) as email_hash,
        cast(null as text) as email_domain,
        {{ unknown_member() }} as best_source,
        cast(null as text) as lead_source,
        false as is_free_mail,
        false as is_lead,
        cast(null as timestamp with time zone) as first_seen_at
),

final as (
    select * from people_known
    union all
    select * from unknown
)

select * from final
