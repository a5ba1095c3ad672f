{{ staged(
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
