{{ staged(
    'marketo', 'programs', key='program_id',
    columns=[
        ('id', 'text', 'program_id'),
        ('name', 'text', 'program_name'),
        ('type', 'text', 'program_type'),
        ('channel', 'text', 'program_channel'),
        ('status', 'text', 'program_status'),
        ('sfdcId', 'text', 'crm_campaign_id'),
        ('sfdcName', 'text', 'crm_campaign_name'),
        ('workspace', 'text', 'workspace'),
        ('url', 'text', 'program_url'),
        ('costs', 'json', 'costs'),
        ('startDate', 'date', 'start_date'),
        ('endDate', 'date', 'end_date'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
