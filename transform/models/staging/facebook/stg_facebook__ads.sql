{{ staged(
    'facebook', 'ads', key='ad_id',
    columns=[
        ('id', 'text', 'ad_id'),
        ('account_id', 'text', 'ad_account_id'),
        ('campaign_id', 'text', 'facebook_campaign_id'),
        ('adset_id', 'text', 'ad_set_id'),
        ('name', 'text', 'ad_name'),
        ('status', 'text', 'ad_status'),
        ('effective_status', 'text', 'effective_status'),
        ('creative', 'json', 'creative'),
        ('created_time', 'timestamp', 'created_at'),
        ('updated_time', 'timestamp', 'modified_at'),
    ]
) }}
