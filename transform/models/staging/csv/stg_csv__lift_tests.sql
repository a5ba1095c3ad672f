{{ staged(
    'csv', 'lift_tests', key=['channel', 'week_start', 'cell'],
    columns=[
        ('channel', 'text', 'channel'),
        ('cell', 'text', 'cell'),
        ('people', 'numeric', 'people'),
        ('conversions', 'numeric', 'conversions'),
        ('week_start', 'date', 'week_start'),
    ]
) }}
