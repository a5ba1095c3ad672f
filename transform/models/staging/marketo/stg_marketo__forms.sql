{{ staged(
    'marketo', 'forms', key='form_id',
    columns=[
        ('id', 'text', 'form_id'),
        ('name', 'text', 'form_name'),
        ('status', 'text', 'asset_status'),
        ('url', 'text', 'asset_url'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
