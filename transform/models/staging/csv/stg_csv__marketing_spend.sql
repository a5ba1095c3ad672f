{{ staged(
    'csv', 'marketing_spend', key='bill_id',
    columns=[
        ('bill_id', 'text', 'bill_id'),
        ('campaign_id', 'text', 'campaign_id'),
        ('campaign_name', 'text', 'campaign_name'),
        ('vendor', 'text', 'vendor'),
        ('category', 'text', 'category'),
        ('channel', 'text', 'channel'),
        ('currency', 'text', 'currency'),
        ('amount', 'numeric', 'amount'),
        ('is_program', 'boolean', 'is_program'),
        ('spend_date', 'date', 'spend_date'),
    ]
) }}
