-- Who the records of Marketo and the lead ads of Facebook are: the person of the Salesforce record
-- they name (rule R5), else of their address (R9), else somebody Salesforce does not know, one
-- person an address.
with leads as (
    select * from {{ ref('stg_marketo__leads') }}
    where not is_deleted
),

lead_merges as (
    select * from {{ ref('stg_marketo__lead_merges') }}
),

lead_deletes as (
    select * from {{ ref('stg_marketo__lead_deletes') }}
),

lead_ads as (
    select * from {{ ref('stg_facebook__lead_ads') }}
    where not is_deleted
),

clusters as (
    select * from {{ ref('int_people__clusters') }}
),

lead_ids as (
    select
        lead_id,
        max(surviving_lead_id) as surviving_lead_id
    from (
        select
            merged_lead_id as lead_id,
            surviving_lead_id
        from lead_merges

        union all

        select
            surviving_lead_id as lead_id,
            cast(null as text) as surviving_lead_id
        from lead_merges

        union all

        select
            lead_id,
            cast(null as text) as surviving_lead_id
        from leads
    ) as named
    group by lead_id
),

{{ resolve_chain('merge_chain', 'lead_ids', key='lead_id', next_key='surviving_lead_id') }},

records as (
    select
        'marketo' as source_system,
        'lead' as object_name,
        merge_chain.lead_id as record_id,
        nullif(lower(trim(survivor.email)), '') as email,
        'sfdc.contact:' || survivor.crm_contact_id as contact_key,
        'sfdc.lead:' || survivor.crm_lead_id as lead_key
    from {{ resolved('merge_chain') }} as merge_chain
    inner join leads as survivor
        on coalesce(merge_chain.last_key, merge_chain.lead_id) = survivor.lead_id
    left join lead_deletes
        on survivor.lead_id = lead_deletes.lead_id
    where lead_deletes.lead_id is null

    union all

    select
        'facebook' as source_system,
        'lead_ad' as object_name,
        lead_ad_id as record_id,
        nullif(lower(trim(email)), '') as email,
        cast(null as text) as contact_key,
        cast(null as text) as lead_key
    from lead_ads
),

addresses as (
    select
        email,
        min(person_key) as person_key
    from clusters
    where email is not null
    group by email
),

linked as (
    select
        records.*,
        coalesce(contacts.person_key, crm_leads.person_key, addresses.person_key) as known_person_key,
        case
            when contacts.person_key is not null or crm_leads.person_key is not null then 'R5'
            when addresses.person_key is not null then 'R9'
        end as rule_code
    from records
    left join clusters as contacts
        on records.contact_key = contacts.record_key
    left join clusters as crm_leads
        on records.lead_key = crm_leads.record_key
    left join addresses
        on records.email = addresses.email
),

-- Strangers with one address are one; so is whoever has the address of a record that is known.
gathered as (
    select
        *,
        min(known_person_key) over (partition by email) as person_key_of_address,
        min(source_system || '.' || object_name || ':' || record_id)
            over (partition by email) as first_record_of_address
    from linked
),

final as (
    select
        source_system,
        object_name,
        record_id,
        coalesce(
            known_person_key,
            case when email is not null then coalesce(person_key_of_address, first_record_of_address) end,
            source_system || '.' || object_name || ':' || record_id
        ) as person_key,
        case
            when known_person_key is not null then rule_code
            when email is not null then 'R9'
        end as rule_code
    from gathered
)

select * from final
