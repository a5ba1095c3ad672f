{{ staged(
    'marketo', 'landing_pages', key='landing_page_id',
    columns=[
        ('id', 'text', 'landing_page_id'),
        ('name', 'text', 'page_name'),
        ('title', 'text', 'page_title'),
        ('URL', 'text', 'page_url'),
        ('status', 'text', 'asset_status'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
