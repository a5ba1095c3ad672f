{{ staged(
    'facebook', 'adaccounts', key='ad_account_id',
    columns=[
        ('account_id', 'text', 'ad_account_id'),
        ('name', 'text', 'account_name'),
        ('currency', 'text', 'currency'),
        ('timezone_name', 'text', 'source_timezone'),
        ('created_time', 'timestamp', 'created_at'),
    ]
) }}
