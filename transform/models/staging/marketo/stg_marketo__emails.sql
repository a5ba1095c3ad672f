{{ staged(
    'marketo', 'emails', key='email_asset_id',
    columns=[
        ('id', 'text', 'email_asset_id'),
        ('name', 'text', 'email_name'),
        ('status', 'text', 'asset_status'),
        ('url', 'text', 'asset_url'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
