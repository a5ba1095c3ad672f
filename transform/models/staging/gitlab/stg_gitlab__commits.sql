{{ staged(
    'gitlab', 'commits', key=['project_id', 'commit_id'],
    columns=[
        ('project_id', 'text', 'project_id'),
        ('id', 'text', 'commit_id'),
        ('title', 'text', 'title'),
        ('message', 'text', 'commit_message'),
        ('authored_date', 'timestamp', 'authored_at'),
        ('committed_date', 'timestamp', 'committed_at'),
    ]
) }}
