{{ staged(
    'facebook', 'campaigns', key='facebook_campaign_id',
    columns=[
        ('id', 'text', 'facebook_campaign_id'),
        ('account_id', 'text', 'ad_account_id'),
        ('name', 'text', 'campaign_name'),
        ('objective', 'text', 'objective'),
        ('status', 'text', 'campaign_status'),
        ('effective_status', 'text', 'effective_status'),
        ('daily_budget', 'numeric', 'daily_budget_minor'),
        ('lifetime_budget', 'numeric', 'lifetime_budget_minor'),
        ('start_time', 'timestamp', 'started_at'),
        ('stop_time', 'timestamp', 'stopped_at'),
        ('created_time', 'timestamp', 'created_at'),
        ('updated_time', 'timestamp', 'modified_at'),
    ]
) }}
