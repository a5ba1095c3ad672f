-- Each record of a person with the key of the person: that of the CRM's records where the cluster
-- has any, for the CRM's numbers do not change with what other sources know, else the cluster's.
with clusters as (
    select * from {{ ref('int_identity__clusters') }}
    where
        node_kind = 'person'
        and is_active
),

crm_people as (
    select * from {{ ref('int_people__clusters') }}
),

known as (
    select
        clusters.hard_cluster_key,
        min(crm_people.person_key) as person_key
    from clusters
    inner join crm_people
        on clusters.node_key = crm_people.record_key
    group by clusters.hard_cluster_key
),

final as (
    select
        clusters.node_key,
        clusters.source_name,
        clusters.object_name,
        clusters.source_id,
        coalesce(crm_people.person_key, known.person_key, clusters.hard_cluster_key) as person_key,
        clusters.created_at
    from clusters
    left join crm_people
        on clusters.node_key = crm_people.record_key
    left join known
        on clusters.hard_cluster_key = known.hard_cluster_key
)

select * from final
