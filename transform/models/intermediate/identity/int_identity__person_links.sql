-- The organization of each person: by the account its records name, else by the domain of a business
-- address, where one organization holds most of the people with that domain.
with people as (
    select * from {{ ref('int_identity__people') }}
),

nodes as (
    select * from {{ ref('int_identity__nodes') }}
),

crm_people as (
    select * from {{ ref('int_people__clusters') }}
),

named as (
    select
        person_key,
        account_id,
        count(*) as records,
        min(created_at) as created_at
    from crm_people
    where account_id is not null
    group by
        person_key,
        account_id
),

domains as (
    select
        people.person_key,
        nodes.email_domain
    from people
    inner join nodes
        on people.node_key = nodes.node_key
    where
        nodes.email_domain is not null
        and not nodes.is_free_mail
    group by
        people.person_key,
        nodes.email_domain
),

-- Of the people with this domain whose organization is known: how many are of which.
held as (
    select
        domains.email_domain,
        named.account_id,
        count(*) as people
    from domains
    inner join named
        on domains.person_key = named.person_key
    group by
        domains.email_domain,
        named.account_id
),

shares as (
    select
        *,
        sum(people) over (partition by email_domain) as people_of_domain,
        count(*) over (partition by email_domain) as accounts_of_domain
    from held
),

owners as (
    select
        *,
        people >= {{ var('identity_domain_people') }}
        and people >= {{ var('identity_domain_share') }} * people_of_domain as is_owner
    from shares
),

by_domain as (
    select
        domains.person_key,
        owners.account_id,
        owners.email_domain,
        cast(owners.people as numeric) / owners.people_of_domain as confidence
    from domains
    inner join owners
        on domains.email_domain = owners.email_domain
        and owners.is_owner
    left join named
        on domains.person_key = named.person_key
    where named.person_key is null
),

final as (
    select
        person_key,
        account_id,
        'R3' as rule_code,
        cast(1 as numeric) as confidence,
        cast(null as text) as email_domain
    from named

    union all

    select
        person_key,
        account_id,
        'R10' as rule_code,
        max(confidence) as confidence,
        min(email_domain) as email_domain
    from by_domain
    group by
        person_key,
        account_id
)

select * from final
