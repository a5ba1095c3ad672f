{{ staged(
    'gitlab', 'pipelines', key='pipeline_id',
    columns=[
        ('id', 'text', 'pipeline_id'),
        ('project_id', 'text', 'project_id'),
        ('sha', 'text', 'commit_id'),
        ('ref', 'text', 'ref'),
        ('status', 'text', 'pipeline_status'),
        ('source', 'text', 'pipeline_source'),
        ('created_at', 'timestamp', 'created_at'),
        ('updated_at', 'timestamp', 'updated_at'),
    ]
) }}
