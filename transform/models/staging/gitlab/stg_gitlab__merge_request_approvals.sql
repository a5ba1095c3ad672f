{{ staged(
    'gitlab', 'merge_request_approvals', key='merge_request_id',
    columns=[
        ('id', 'text', 'merge_request_id'),
        ('project_id', 'text', 'project_id'),
        ('approved_by', 'json', 'approved_by'),
        ('updated_at', 'timestamp', 'updated_at'),
    ]
) }}
