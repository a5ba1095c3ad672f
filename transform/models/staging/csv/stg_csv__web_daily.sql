{{ staged(
    'csv', 'web_daily', key=['web_date', 'site', 'channel'],
    columns=[
        ('site', 'text', 'site'),
        ('channel', 'text', 'channel'),
        ('visitors', 'numeric', 'visitors'),
        ('sessions', 'numeric', 'sessions'),
        ('downloads_ce', 'numeric', 'downloads_ce'),
        ('downloads_ee', 'numeric', 'downloads_ee'),
        ('trials', 'numeric', 'trials'),
        ('date', 'date', 'web_date'),
    ]
) }}
