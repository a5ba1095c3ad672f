{{ staged(
    'gitlab', 'service_ping_metrics', key=['instance_uuid', 'recorded_at', 'key_path'],
    columns=[
        ('uuid', 'text', 'instance_uuid'),
        ('key_path', 'text', 'key_path'),
        ('value_number', 'numeric', 'value_number'),
        ('value_string', 'text', 'value_text'),
        ('value_boolean', 'boolean', 'value_boolean'),
        ('value_status', 'text', 'value_status'),
        ('recorded_at', 'timestamp', 'recorded_at'),
    ]
) }}
