{{ staged(
    'facebook', 'adsets', key='ad_set_id',
    columns=[
        ('id', 'text', 'ad_set_id'),
        ('account_id', 'text', 'ad_account_id'),
        ('campaign_id', 'text', 'facebook_campaign_id'),
        ('name', 'text', 'ad_set_name'),
        ('status', 'text', 'ad_set_status'),
        ('effective_status', 'text', 'effective_status'),
        ('optimization_goal', 'text', 'optimization_goal'),
        ('daily_budget', 'numeric', 'daily_budget_minor'),
        ('lifetime_budget', 'numeric', 'lifetime_budget_minor'),
        ('start_time', 'timestamp', 'started_at'),
        ('end_time', 'timestamp', 'stopped_at'),
        ('created_time', 'timestamp', 'created_at'),
        ('updated_time', 'timestamp', 'modified_at'),
    ]
) }}
