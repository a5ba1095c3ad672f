with source as (
    {{ source_or_empty(
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
),

final as (
    select
        user_id,
        manager_id,
        role_id,
        user_name,
        email,
        title,
        is_active,
        is_deleted,
        created_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
