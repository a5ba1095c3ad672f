{{ staged(
    'gitlab', 'users', key='user_id',
    columns=[
        ('id', 'text', 'user_id'),
        ('username', 'text', 'username'),
        ('state', 'text', 'user_state'),
        ('bot', 'boolean', 'is_bot'),
        ('is_admin', 'boolean', 'is_admin'),
        ('created_at', 'timestamp', 'created_at'),
    ]
) }}
