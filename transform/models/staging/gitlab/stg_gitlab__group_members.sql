{{ staged(
    'gitlab', 'group_members', key=['group_id', 'user_id'],
    columns=[
        ('group_id', 'text', 'group_id'),
        ('id', 'text', 'user_id'),
        ('username', 'text', 'username'),
        ('state', 'text', 'user_state'),
        ('access_level', 'numeric', 'access_level'),
        ('created_at', 'timestamp', 'created_at'),
    ]
) }}
