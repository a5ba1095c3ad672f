{{ staged(
    'salesforce', 'User', key='user_id',
    columns=[
        ('Id', 'text', 'user_id'),
        ('ManagerId', 'text', 'manager_id'),
        ('UserRoleId', 'text', 'role_id'),
        ('Name', 'text', 'user_name'),
        ('Email', 'text', 'email'),
        ('Title', 'text', 'title'),
        ('IsActive', 'boolean', 'is_active'),
        ('CreatedDate', 'timestamp', 'created_at'),
    ]
) }}
