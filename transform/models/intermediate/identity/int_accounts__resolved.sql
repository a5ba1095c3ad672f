with accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
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
