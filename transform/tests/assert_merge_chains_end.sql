-- A survivor that was itself merged, or a top that has a parent: a chain runs in a circle,
-- or it is too long for the var chain_doublings.
select
    'account' as record_type,
    resolved.account_id as record_id
from {{ ref('int_accounts__resolved') }} as resolved
inner join {{ ref('stg_salesforce__accounts') }} as survivor
    on resolved.surviving_account_id = survivor.account_id
inner join {{ ref('stg_salesforce__accounts') }} as further
    on survivor.master_account_id = further.account_id
    and survivor.account_id <> further.account_id

union all

select
    'parent' as record_type,
    resolved.account_id as record_id
from {{ ref('int_accounts__resolved') }} as resolved
inner join {{ ref('int_accounts__resolved') }} as top
    on resolved.ultimate_parent_account_id = top.account_id
where top.parent_account_id is not null

union all

select
    'person' as record_type,
    records.record_key as record_id
from {{ ref('int_people__records') }} as records
inner join {{ ref('int_people__records') }} as survivor
    on records.surviving_record_key = survivor.record_key
where survivor.surviving_record_key <> survivor.record_key
