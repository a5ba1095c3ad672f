{{ staged(
    'marketo', 'campaigns', key='smart_campaign_id',
    columns=[
        ('id', 'text', 'smart_campaign_id'),
        ('name', 'text', 'smart_campaign_name'),
        ('type', 'text', 'smart_campaign_type'),
        ('programId', 'text', 'program_id'),
        ('programName', 'text', 'program_name'),
        ('active', 'boolean', 'is_active'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
