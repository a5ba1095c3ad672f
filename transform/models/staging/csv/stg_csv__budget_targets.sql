{{ staged(
    'csv', 'budget_targets', key=['period_type', 'period_start', 'segment', 'target_metric'],
    columns=[
        ('period_type', 'text', 'period_type'),
        ('segment', 'text', 'segment'),
        ('metric', 'text', 'target_metric'),
        ('target_value', 'numeric', 'target_value'),
        ('period_start', 'date', 'period_start'),
    ]
) }}
