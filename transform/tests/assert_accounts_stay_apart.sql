-- A cluster that holds two accounts of the CRM which both survive: no link may join them but a
-- decision by hand, which makes them one account.
select
    clusters.anchor_key,
    count(*) as accounts
from {{ ref('int_identity__clusters') }} as clusters
inner join {{ ref('int_identity__nodes') }} as nodes
    on clusters.node_key = nodes.node_key
where
    nodes.source_name = 'salesforce'
    and nodes.object_name = 'Account'
    and nodes.is_active
    and nodes.is_survivor
group by clusters.anchor_key
having count(*) > 1
