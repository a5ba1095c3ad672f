with overrides as (
    select * from {{ ref('identity_overrides') }}
),

records as (
    select
        *,
        'sfdc.account:' || account_id as record_key
    from {{ ref('stg_salesforce__accounts') }}
),

-- What people decided counts as a merge into the older account, or as none.
linked as (
    select
        younger.account_id,
        min(older.account_id) as master_account_id
    from overrides
    inner join records as younger
        on younger.record_key in (overrides.left_record, overrides.right_record)
    inner join records as older
        on older.record_key in (overrides.left_record, overrides.right_record)
    where
        overrides.action = 'link'
        and (
            older.created_at < younger.created_at
            or (older.created_at = younger.created_at and older.account_id < younger.account_id)
        )
    group by younger.account_id
),

separated as (
    select
        left_record as record_key,
        right_record as other_key
    from overrides
    where action = 'separate'

    union

    select
        right_record as record_key,
        left_record as other_key
    from overrides
    where action = 'separate'
),

accounts as (
    select
        records.account_id,
        records.parent_account_id,
        case
            when separated.record_key is null
                then coalesce(records.master_account_id, linked.master_account_id)
            else linked.master_account_id
        end as master_account_id,
        records.is_deleted
    from records
    left join linked
        on records.account_id = linked.account_id
    left join separated
        on records.record_key = separated.record_key
        and 'sfdc.account:' || records.master_account_id = separated.other_key
),

{{ resolve_chain('merge_chain', 'accounts', key='account_id', next_key='master_account_id') }},

merged as (
    select
        accounts.account_id,
        survivor.account_id as surviving_account_id,
        survivor.parent_account_id,
        not survivor.is_deleted as is_active
    from accounts
    inner join {{ resolved('merge_chain') }} as merge_chain
        on accounts.account_id = merge_chain.account_id
    inner join accounts as survivor
        on coalesce(merge_chain.last_key, accounts.account_id) = survivor.account_id
),

survivors as (
    select
        merged.account_id,
        parent.surviving_account_id as parent_account_id
    from merged
    left join merged as parent
        on merged.parent_account_id = parent.account_id
        and parent.is_active
        and merged.account_id <> parent.surviving_account_id
    where
        merged.is_active
        and merged.account_id = merged.surviving_account_id
),

{{ resolve_chain('parent_chain', 'survivors', key='account_id', next_key='parent_account_id') }},

families as (
    select
        survivors.account_id,
        survivors.parent_account_id,
        coalesce(parent_chain.last_key, survivors.account_id) as ultimate_parent_account_id
    from survivors
    inner join {{ resolved('parent_chain') }} as parent_chain
        on survivors.account_id = parent_chain.account_id
),

final as (
    select
        merged.account_id,
        merged.surviving_account_id,
        families.parent_account_id,
        families.ultimate_parent_account_id,
        {%- if var('customer_level') == 'parent' %}
        families.ultimate_parent_account_id as customer_account_id,
        {%- else %}
        families.account_id as customer_account_id,
        {%- endif %}
        merged.is_active
    from merged
    left join families
        on merged.surviving_account_id = families.account_id
)

select * from final
