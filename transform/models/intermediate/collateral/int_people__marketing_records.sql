-- Who the records of Marketo and the lead ads of Facebook are, merged ones too: people as the rules
-- of identity make them, and by which rule: by the record of Salesforce they name (R5), by their
-- address (R9), by hand (R0).
with people as (
    select * from {{ ref('int_identity__people') }}
    where source_name in ('marketo', 'facebook')
),

rules as (
    select
        left_node as node_key,
        min(rule_code) as rule_code
    from {{ ref('int_identity__edges') }}
    where
        is_valid
        and strength = 'hard'
    group by left_node
),

final as (
    select
        people.source_name as source_system,
        case people.source_name when 'marketo' then 'lead' else 'lead_ad' end as object_name,
        people.source_id as record_id,
        people.person_key,
        coalesce(rules.rule_code, 'R9') as rule_code
    from people
    left join rules
        on people.node_key = rules.node_key
)

select * from final
