{{ staged(
    'csv', 'headcount_monthly', key=['month_start', 'department'],
    columns=[
        ('department', 'text', 'department'),
        ('headcount', 'numeric', 'headcount'),
        ('month', 'date', 'month_start'),
    ]
) }}
