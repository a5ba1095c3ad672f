-- The organizations that clusters make, each with the record that anchors it, and what is known of
-- it by which source. Accounts of the CRM that were deleted are none.
with clusters as (
    select * from {{ ref('int_identity__clusters') }}
    where
        node_kind = 'organization'
        and is_active
),

nodes as (
    select * from {{ ref('int_identity__nodes') }}
),

ids as (
    select * from {{ ref('int_identity__organization_ids') }}
),

people as (
    select * from {{ ref('int_identity__people') }}
),

links as (
    select * from {{ ref('int_identity__person_links') }}
),

owners as (
    select * from {{ ref('int_billing_accounts__owners') }}
),

known as (
    select
        clusters.anchor_key,
        min(ids.organization_id) as organization_id,
        {{ dbt.bool_or("clusters.source_name = 'salesforce'") }} as has_crm,
        {{ dbt.bool_or("clusters.source_name = 'zuora'") }} as has_billing,
        {{ dbt.bool_or("clusters.object_name = 'Instance'") }} as has_usage,
        coalesce({{ dbt.bool_or('owners.is_reseller') }}, false) as is_reseller,
        min(clusters.created_at) as first_seen_at
    from clusters
    inner join ids
        on clusters.node_key = ids.node_key
    left join owners
        on clusters.node_key = 'zuora.account:' || owners.billing_account_id
    group by clusters.anchor_key
),

marketed as (
    select
        'sfdc.account:' || links.account_id as anchor_key,
        count(*) as records
    from links
    inner join people
        on links.person_key = people.person_key
    where people.source_name in ('marketo', 'facebook')
    group by 'sfdc.account:' || links.account_id
),

final as (
    select
        known.organization_id,
        known.anchor_key,
        case {{ dbt.split_part('known.anchor_key', "'.'", 1) }}
            when 'sfdc' then 'salesforce'
            when 'zuora' then 'zuora'
            when 'gitlab' then 'gitlab'
            else 'domain'
        end as anchor_system,
        substring(known.anchor_key from position(':' in known.anchor_key) + 1) as anchor_id,
        coalesce(owners.account_name, {{ dbt.split_part('known.anchor_key', "':'", 2) }}) as organization_name,
        nodes.domain,
        known.has_crm,
        known.has_billing,
        known.has_usage,
        marketed.anchor_key is not null as has_marketing,
        known.is_reseller,
        known.first_seen_at
    from known
    left join nodes
        on known.anchor_key = nodes.node_key
    left join owners
        on known.anchor_key = 'zuora.account:' || owners.billing_account_id
    left join marketed
        on known.anchor_key = marketed.anchor_key
)

select * from final
