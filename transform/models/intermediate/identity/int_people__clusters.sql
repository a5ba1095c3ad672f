with records as (
    select * from {{ ref('int_people__records') }}
    where is_active
),

links as (
    select * from {{ ref('int_people__links') }}
),

edges as (
    select
        left_record,
        right_record
    from links

    union

    select
        right_record as left_record,
        left_record as right_record
    from links

    union

    select
        record_key as left_record,
        record_key as right_record
    from records
),

{{ connect_components('component', 'edges') }},

final as (
    select
        records.record_key,
        components.label as person_key,
        records.record_type,
        records.record_id,
        records.account_id,
        records.customer_account_id,
        records.email,
        records.lead_source,
        records.created_at
    from records
    inner join {{ components('component') }} as components
        on records.record_key = components.node
)

select * from final
