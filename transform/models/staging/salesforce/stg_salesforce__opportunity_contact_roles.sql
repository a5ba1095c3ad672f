with source as (
    {{ source_or_empty(
        'salesforce', 'OpportunityContactRole', key='opportunity_contact_role_id',
        columns=[
            ('Id', 'text', 'opportunity_contact_role_id'),
            ('OpportunityId', 'text', 'opportunity_id'),
            ('ContactId', 'text', 'contact_id'),
            ('Role', 'text', 'contact_role'),
            ('IsPrimary', 'boolean', 'is_primary'),
            ('CreatedDate', 'timestamp', 'created_at'),
        ]
    ) }}
),

final as (
    select
        opportunity_contact_role_id,
        opportunity_id,
        contact_id,
        contact_role,
        is_primary,
        is_deleted,
        created_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
