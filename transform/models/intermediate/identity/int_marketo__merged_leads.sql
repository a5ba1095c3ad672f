-- Leads that Marketo merged into others and has no more, each with the one that is left of them.
with lead_merges as (
    select * from {{ ref('stg_marketo__lead_merges') }}
    where not is_deleted
),

leads as (
    select * from {{ ref('stg_marketo__leads') }}
),

lead_ids as (
    select
        lead_id,
        max(surviving_lead_id) as surviving_lead_id
    from (
        select
            merged_lead_id as lead_id,
            surviving_lead_id
        from lead_merges

        union all

        select
            surviving_lead_id as lead_id,
            cast(null as text) as surviving_lead_id
        from lead_merges
    ) as named
    group by lead_id
),

{{ resolve_chain('merge_chain', 'lead_ids', key='lead_id', next_key='surviving_lead_id') }},

final as (
    select
        merge_chain.lead_id,
        merge_chain.last_key as surviving_lead_id
    from {{ resolved('merge_chain') }} as merge_chain
    left join leads
        on merge_chain.lead_id = leads.lead_id
    where
        leads.lead_id is null
        and merge_chain.last_key is not null
        and merge_chain.last_key <> merge_chain.lead_id
)

select * from final
