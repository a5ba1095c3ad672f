{{ staged(
    'csv', 'web_monthly', key=['month_start', 'site', 'channel'],
    columns=[
        ('site', 'text', 'site'),
        ('channel', 'text', 'channel'),
        ('visitors', 'numeric', 'visitors'),
        ('month', 'date', 'month_start'),
    ]
) }}
