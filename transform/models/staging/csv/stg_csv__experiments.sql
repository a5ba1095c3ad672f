{{ staged(
    'csv', 'experiments', key=['experiment', 'unit_id'],
    columns=[
        ('experiment', 'text', 'experiment'),
        ('unit_id', 'text', 'unit_id'),
        ('variant', 'text', 'variant'),
        ('outcome', 'numeric', 'outcome'),
        ('value', 'numeric', 'outcome_value'),
        ('exposed_at', 'timestamp', 'exposed_at'),
    ]
) }}
