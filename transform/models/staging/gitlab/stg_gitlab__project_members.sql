{{ staged(
    'gitlab', 'project_members', key=['project_id', 'user_id'],
    columns=[
        ('project_id', 'text', 'project_id'),
        ('id', 'text', 'user_id'),
        ('username', 'text', 'username'),
        ('state', 'text', 'user_state'),
        ('access_level', 'numeric', 'access_level'),
        ('created_at', 'timestamp', 'created_at'),
    ]
) }}
