{{ staged(
    'gitlab', 'metadata', key='instance',
    columns=[
        ('instance', 'text', 'instance'),
        ('customer_id', 'text', 'customer_id'),
        ('version', 'text', 'version'),
        ('enterprise', 'boolean', 'is_enterprise'),
    ]
) }}
