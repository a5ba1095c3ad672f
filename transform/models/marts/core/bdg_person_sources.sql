-- The records a person has in each source.
with people as (
    select * from {{ ref('int_identity__people') }}
),

edges as (
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
        {{ dbt.hash('people.person_key') }} as person_id,
        people.source_name,
        people.object_name,
        people.source_id,
        coalesce(edges.rule_code, 'anchor') as rule_code,
        1.0 as confidence,
        people.created_at as valid_from
    from people
    left join edges
        on people.node_key = edges.node_key
)

select * from final
