-- Pairs of records that are the same organization or the same person, by the rule that says so.
-- Hard ones make clusters; a soft one only says what is likely.
with nodes as (
    select * from {{ ref('int_identity__nodes') }}
),

people as (
    select * from {{ ref('int_people__records') }}
),

accounts as (
    select * from {{ ref('int_accounts__resolved') }}
),

versions as (
    select * from {{ ref('int_subscriptions__versions') }}
),

licenses as (
    select * from {{ ref('int_licenses__owners') }}
),

instances as (
    select * from {{ ref('int_instances__owners') }}
),

domains as (
    select * from {{ ref('int_accounts__domains') }}
),

overrides as (
    select * from {{ ref('identity_overrides') }}
),

-- One record stands for all of an address: a star of links instead of all pairs.
addresses as (
    select
        email,
        min(node_key) as node_key
    from nodes
    where
        email is not null
        and node_kind = 'person'
        and is_active
    group by email
),

-- An instance on a host of another organization than its licence is for is nobody's for certain.
hosts as (
    select
        nodes.node_key,
        min(domains.account_id) as account_id,
        count(*) as accounts
    from nodes
    inner join domains
        on nodes.domain = domains.domain
    where nodes.object_name = 'Instance'
    group by nodes.node_key
),

found as (
    select
        left_record as left_node,
        right_record as right_node,
        'R0' as rule_code,
        'hard' as strength,
        reason as evidence
    from overrides
    where action = 'link'

    union all

    select
        'sfdc.account:' || account_id as left_node,
        'sfdc.account:' || surviving_account_id as right_node,
        'R1' as rule_code,
        'hard' as strength,
        surviving_account_id as evidence
    from accounts
    where account_id <> surviving_account_id

    union all

    select
        record_key as left_node,
        surviving_record_key as right_node,
        'R1' as rule_code,
        'hard' as strength,
        surviving_record_key as evidence
    from people
    where record_key <> surviving_record_key

    union all

    select
        record_key as left_node,
        converted_record_key as right_node,
        'R2' as rule_code,
        'hard' as strength,
        converted_record_key as evidence
    from people
    where converted_record_key is not null

    union all

    select
        'zuora.account:' || billing_account_id as left_node,
        'sfdc.account:' || account_id as right_node,
        rule_code,
        'hard' as strength,
        coalesce(crm_account_id, 'orders') as evidence
    from {{ ref('int_billing_accounts__owners') }}
    where account_id is not null

    union all

    {%- for crm_id in ['crm_contact_id', 'crm_lead_id'] %}
    select
        'marketo.lead:' || leads.lead_id as left_node,
        people.record_key as right_node,
        'R5' as rule_code,
        'hard' as strength,
        people.record_id as evidence
    from {{ ref('stg_marketo__leads') }} as leads
    inner join people
        on left(leads.{{ crm_id }}, 15) = left(people.record_id, 15)

    union all
    {% endfor %}
    select
        'marketo.lead:' || merged_lead_id as left_node,
        'marketo.lead:' || surviving_lead_id as right_node,
        'R5' as rule_code,
        'hard' as strength,
        activity_id as evidence
    from {{ ref('stg_marketo__lead_merges') }}
    where not is_deleted

    union all

    select
        'gitlab.license:' || license_key as left_node,
        'zuora.subscription:' || lineage_id as right_node,
        'R6' as rule_code,
        'hard' as strength,
        license_plan as evidence
    from licenses
    where lineage_id is not null

    union all

    select
        'gitlab.instance:' || instances.instance_uuid as left_node,
        'gitlab.license:' || instances.license_key as right_node,
        'R7' as rule_code,
        case
            when hosts.account_id is null or hosts.account_id = instances.account_id then 'hard'
            else 'soft'
        end as strength,
        instances.license_key as evidence
    from instances
    left join hosts
        on 'gitlab.instance:' || instances.instance_uuid = hosts.node_key
    where instances.license_key is not null

    union all

    select
        'zuora.subscription:' || subscription_id as left_node,
        'zuora.subscription:' || lineage_id as right_node,
        'R6' as rule_code,
        'hard' as strength,
        subscription_name as evidence
    from versions
    where subscription_id <> lineage_id

    union all

    select
        'zuora.subscription:' || lineage_id as left_node,
        coalesce('sfdc.account:' || account_id, 'zuora.account:' || billing_account_id) as right_node,
        'R8' as rule_code,
        'hard' as strength,
        opportunity_id as evidence
    from {{ ref('int_subscriptions__latest') }}

    union all

    select
        nodes.node_key as left_node,
        addresses.node_key as right_node,
        'R9' as rule_code,
        'hard' as strength,
        'e-mail address' as evidence
    from nodes
    inner join addresses
        on nodes.email = addresses.email
    where
        nodes.node_kind = 'person'
        and nodes.node_key <> addresses.node_key

    union all

    select
        hosts.node_key as left_node,
        'sfdc.account:' || hosts.account_id as right_node,
        'R11' as rule_code,
        'soft' as strength,
        nodes.domain as evidence
    from hosts
    inner join nodes
        on hosts.node_key = nodes.node_key
    where hosts.accounts = 1
),

judged as (
    select
        found.left_node,
        found.right_node,
        found.rule_code,
        found.strength,
        case when found.strength = 'hard' then 1 when found.rule_code = 'R7' then 0.9 else 0.7 end as weight,
        found.evidence,
        left_node.is_active and right_node.is_active and separated.action is null as is_valid
    from found
    inner join nodes as left_node
        on found.left_node = left_node.node_key
    inner join nodes as right_node
        on found.right_node = right_node.node_key
    left join overrides as separated
        on separated.action = 'separate'
        and found.rule_code <> 'R0'
        and (
            (found.left_node = separated.left_record and found.right_node = separated.right_record)
            or (found.right_node = separated.left_record and found.left_node = separated.right_record)
            or (found.left_node = separated.left_record and found.rule_code = 'R9')
        )
    where found.left_node <> found.right_node
),

final as (
    select
        left_node,
        right_node,
        rule_code,
        min(strength) as strength,
        max(weight) as weight,
        min(evidence) as evidence,
        bool_and(is_valid) as is_valid
    from judged
    group by
        left_node,
        right_node,
        rule_code
)

select * from final
