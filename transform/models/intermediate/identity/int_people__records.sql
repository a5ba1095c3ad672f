with leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

accounts as (
    select * from {{ ref('int_accounts__resolved') }}
),

records as (
    select
        'sfdc.contact:' || contact_id as record_key,
        'sfdc.contact:' || master_contact_id as master_record_key,
        cast(null as text) as converted_record_key,
        'contact' as record_type,
        contact_id as record_id,
        account_id,
        email,
        lead_source,
        is_deleted,
        created_at
    from contacts

    union all

    select
        'sfdc.lead:' || lead_id as record_key,
        'sfdc.lead:' || master_lead_id as master_record_key,
        'sfdc.contact:' || converted_contact_id as converted_record_key,
        'lead' as record_type,
        lead_id as record_id,
        converted_account_id as account_id,
        email,
        lead_source,
        is_deleted,
        created_at
    from leads
),

{{ resolve_chain('merge_chain', 'records', key='record_key', next_key='master_record_key') }},

final as (
    select
        records.record_key,
        survivor.record_key as surviving_record_key,
        records.converted_record_key,
        records.record_type,
        records.record_id,
        accounts.surviving_account_id as account_id,
        accounts.customer_account_id,
        nullif(lower(trim(records.email)), '') as email,
        records.lead_source,
        not survivor.is_deleted as is_active,
        records.created_at
    from records
    inner join {{ resolved('merge_chain') }} as merge_chain
        on records.record_key = merge_chain.record_key
    inner join records as survivor
        on coalesce(merge_chain.last_key, records.record_key) = survivor.record_key
    left join accounts
        on records.account_id = accounts.account_id
        and accounts.is_active
)

select * from final
