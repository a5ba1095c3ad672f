{{ staged(
    'csv', 'fx_rates', key=['rate_date', 'from_currency', 'to_currency', 'rate_kind'],
    columns=[
        ('from_currency', 'text', 'from_currency'),
        ('to_currency', 'text', 'to_currency'),
        ('kind', 'text', 'rate_kind'),
        ('rate', 'numeric', 'exchange_rate'),
        ('rate_date', 'date', 'rate_date'),
    ]
) }}
