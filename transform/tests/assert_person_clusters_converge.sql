-- Two linked records in different clusters: raise the var identity_max_hops.
select
    links.left_record,
    links.right_record
from {{ ref('int_people__links') }} as links
inner join {{ ref('int_people__clusters') }} as left_cluster
    on links.left_record = left_cluster.record_key
inner join {{ ref('int_people__clusters') }} as right_cluster
    on links.right_record = right_cluster.record_key
where left_cluster.person_key <> right_cluster.person_key
