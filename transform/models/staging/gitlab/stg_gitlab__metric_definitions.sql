{{ staged(
    'gitlab', 'metric_definitions', key='key_path',
    columns=[
        ('key_path', 'text', 'key_path'),
        ('description', 'text', 'description'),
        ('product_group', 'text', 'product_group'),
        ('value_type', 'text', 'value_type'),
        ('status', 'text', 'metric_status'),
        ('time_frame', 'text', 'time_frame'),
        ('data_source', 'text', 'data_source'),
        ('milestone', 'text', 'milestone'),
    ]
) }}
