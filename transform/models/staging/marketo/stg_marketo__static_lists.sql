{{ staged(
    'marketo', 'lists', key='list_id',
    columns=[
        ('id', 'text', 'list_id'),
        ('name', 'text', 'list_name'),
        ('programName', 'text', 'program_name'),
        ('workspaceName', 'text', 'workspace'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
