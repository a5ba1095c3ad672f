{{ staged(
    'gitlab', 'projects', key='project_id',
    columns=[
        ('id', 'text', 'project_id'),
        ('path_with_namespace', 'text', 'project_path'),
        ('name', 'text', 'project_name'),
        ('default_branch', 'text', 'default_branch'),
        ('visibility', 'text', 'visibility'),
        ('archived', 'boolean', 'is_archived'),
        ('created_at', 'timestamp', 'created_at'),
        ('last_activity_at', 'timestamp', 'last_activity_at'),
    ]
) }}
