-- Links that were refused or are in doubt: what people should look at and decide in the seed
-- identity_overrides.
with nodes as (
    select * from {{ ref('int_identity__nodes') }}
),

clusters as (
    select * from {{ ref('int_identity__clusters') }}
),

accounts as (
    select
        nodes.*,
        count(*) over (partition by nodes.name) as accounts_with_name,
        first_value(nodes.node_key) over (
            partition by nodes.name order by nodes.created_at, {{ bytewise('nodes.node_key') }}
        ) as first_with_name,
        first_value(nodes.node_key) over (
            partition by nodes.domain order by nodes.created_at, {{ bytewise('nodes.node_key') }}
        ) as first_with_domain
    from nodes
    inner join clusters
        on nodes.node_key = clusters.node_key
    where
        nodes.is_active
        and nodes.source_name = 'salesforce'
        and nodes.object_name = 'Account'
        and nodes.node_key = clusters.anchor_key
),

owners as (
    select * from {{ ref('int_billing_accounts__owners') }}
),

instances as (
    select
        pings.instance_uuid,
        pings.license_key,
        nodes.domain,
        min(pings.recorded_at) as first_seen_at
    from {{ ref('int_usage__pings') }} as pings
    inner join nodes
        on 'gitlab.instance:' || pings.instance_uuid = nodes.node_key
    where pings.license_key is not null
    group by
        pings.instance_uuid,
        pings.license_key,
        nodes.domain
),

licenses as (
    select * from {{ ref('int_licenses__owners') }}
),

person_links as (
    select * from {{ ref('int_identity__person_links') }}
    where rule_code = 'R3'
),

people as (
    select * from {{ ref('int_identity__people') }}
),

domain_holders as (
    select
        nodes.email_domain,
        person_links.account_id,
        count(distinct people.person_key) as people,
        min(people.created_at) as first_seen_at
    from people
    inner join nodes
        on people.node_key = nodes.node_key
    inner join person_links
        on people.person_key = person_links.person_key
    where
        nodes.email_domain is not null
        and not nodes.is_free_mail
    group by
        nodes.email_domain,
        person_links.account_id
),

domain_splits as (
    select
        email_domain,
        min(account_id) as first_account_id,
        max(account_id) as last_account_id,
        count(*) as accounts,
        max(people) as most_people,
        sum(people) as people,
        min(first_seen_at) as first_seen_at
    from domain_holders
    group by email_domain
    having count(*) > 1
),

found as (
    select
        'R12' as rule_code,
        'name_suggestion' as reason,
        first_with_name as left_record,
        node_key as right_record,
        accounts_with_name as candidates,
        name as evidence,
        created_at as opened_at
    from accounts
    where
        name is not null
        and node_key <> first_with_name

    union all

    select
        'R12' as rule_code,
        'name_suggestion' as reason,
        accounts.node_key as left_record,
        nodes.node_key as right_record,
        accounts.accounts_with_name as candidates,
        nodes.name as evidence,
        nodes.created_at as opened_at
    from nodes
    inner join owners
        on nodes.node_key = 'zuora.account:' || owners.billing_account_id
        and owners.account_id is null
    inner join accounts
        on nodes.name = accounts.name
        and accounts.node_key = accounts.first_with_name

    union all

    select
        'R11' as rule_code,
        'same_domain' as reason,
        first_with_domain as left_record,
        node_key as right_record,
        2 as candidates,
        domain as evidence,
        created_at as opened_at
    from accounts
    where
        domain is not null
        and node_key <> first_with_domain

    union all

    select
        'R7' as rule_code,
        'host_of_another' as reason,
        edges.left_node as left_record,
        coalesce(hosts.right_node, edges.right_node) as right_record,
        2 as candidates,
        coalesce(hosts.evidence, edges.evidence) as evidence,
        nodes.created_at as opened_at
    from {{ ref('int_identity__edges') }} as edges
    inner join nodes
        on edges.left_node = nodes.node_key
    left join {{ ref('int_identity__edges') }} as hosts
        on edges.left_node = hosts.left_node
        and hosts.rule_code = 'R11'
    where
        edges.rule_code = 'R7'
        and edges.strength = 'soft'

    union all

    select
        'R7' as rule_code,
        'shared_license' as reason,
        'gitlab.license:' || license_key as left_record,
        'gitlab.instance:' || max(instance_uuid) as right_record,
        count(distinct domain) as candidates,
        min(domain) || ', ' || max(domain) as evidence,
        min(first_seen_at) as opened_at
    from instances
    group by license_key
    having count(distinct domain) > 1

    union all

    select
        'R7' as rule_code,
        'licenses_of_several' as reason,
        'gitlab.instance:' || instances.instance_uuid as left_record,
        'gitlab.license:' || max(instances.license_key) as right_record,
        count(distinct licenses.organization_key) as candidates,
        min(licenses.organization_key) as evidence,
        min(instances.first_seen_at) as opened_at
    from instances
    inner join licenses
        on instances.license_key = licenses.license_key
    group by instances.instance_uuid
    having count(distinct licenses.organization_key) > 1

    union all

    select
        'R4' as rule_code,
        'crm_id_gone' as reason,
        'zuora.account:' || billing_account_id as left_record,
        'sfdc.account:' || crm_account_id as right_record,
        0 as candidates,
        crm_account_id as evidence,
        created_at as opened_at
    from owners
    where
        is_crm_id_gone
        and coalesce(rule_code, '') <> 'R0'

    union all

    select
        'R4' as rule_code,
        'crm_id_contradicts_orders' as reason,
        'zuora.account:' || billing_account_id as left_record,
        'sfdc.account:' || order_account_id as right_record,
        customers as candidates,
        crm_account_id as evidence,
        created_at as opened_at
    from owners
    where
        crm_id_account_id is not null
        and (customers > 1 or order_account_id <> crm_id_account_id)

    union all

    select
        'R8' as rule_code,
        'reseller' as reason,
        'zuora.account:' || billing_account_id as left_record,
        'sfdc.account:' || order_account_id as right_record,
        customers as candidates,
        account_name as evidence,
        created_at as opened_at
    from owners
    where is_reseller

    union all

    select
        'R8' as rule_code,
        'billed_under_another_name' as reason,
        'zuora.account:' || billing_account_id as left_record,
        'sfdc.account:' || order_account_id as right_record,
        customers as candidates,
        account_name as evidence,
        created_at as opened_at
    from owners
    where
        account_id is null
        and customers = 1

    union all

    select
        'R6' as rule_code,
        'subscription_unknown' as reason,
        'gitlab.license:' || license_key as left_record,
        cast(null as text) as right_record,
        0 as candidates,
        licensee_company as evidence,
        cast(license_starts_on as timestamp with time zone) as opened_at
    from licenses
    where lineage_id is null

    union all

    select
        'R9' as rule_code,
        'person_of_several' as reason,
        'sfdc.account:' || min(account_id) as left_record,
        'sfdc.account:' || max(account_id) as right_record,
        count(*) as candidates,
        {{ dbt.hash('person_key') }} as evidence,
        cast(null as timestamp with time zone) as opened_at
    from person_links
    group by person_key
    having count(*) > 1

    union all

    select
        'R10' as rule_code,
        'domain_of_several' as reason,
        'sfdc.account:' || first_account_id as left_record,
        'sfdc.account:' || last_account_id as right_record,
        accounts as candidates,
        email_domain as evidence,
        first_seen_at as opened_at
    from domain_splits
    where most_people < {{ var('identity_domain_share') }} * people
),

keyed as (
    select
        *,
        reason || ':' || left_record || ':' || coalesce(right_record, '') || ':' || coalesce(evidence, '')
            as conflict_key
    from found
),

overrides as (
    select * from {{ ref('identity_overrides') }}
),

final as (
    select
        {{ dbt.hash('found.conflict_key') }} as conflict_id,
        found.rule_code,
        found.reason,
        found.left_record,
        found.right_record,
        left_cluster.anchor_key as left_anchor_key,
        right_cluster.anchor_key as right_anchor_key,
        cast(found.candidates as integer) as candidates,
        found.evidence,
        overrides.action as resolved_by,
        found.opened_at
    from keyed as found
    left join clusters as left_cluster
        on found.left_record = left_cluster.node_key
    left join clusters as right_cluster
        on found.right_record = right_cluster.node_key
    left join overrides
        on least(found.left_record, found.right_record) = least(overrides.left_record, overrides.right_record)
        and greatest(found.left_record, found.right_record)
        = greatest(overrides.left_record, overrides.right_record)
)

select * from final
