{{ staged(
    'csv', 'features', key='feature',
    columns=[
        ('feature', 'text', 'feature'),
        ('counter_path', 'text', 'counter_path'),
        ('sophistication_level', 'numeric', 'sophistication_level'),
        ('launched_on', 'date', 'launched_on'),
    ]
) }}
