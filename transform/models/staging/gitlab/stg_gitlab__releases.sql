{{ staged(
    'gitlab', 'releases', key=['project_id', 'tag_name'],
    columns=[
        ('project_id', 'text', 'project_id'),
        ('tag_name', 'text', 'tag_name'),
        ('name', 'text', 'release_name'),
        ('commit_id', 'text', 'commit_id'),
        ('upcoming_release', 'boolean', 'is_upcoming'),
        ('created_at', 'timestamp', 'created_at'),
        ('released_at', 'timestamp', 'released_at'),
    ]
) }}
