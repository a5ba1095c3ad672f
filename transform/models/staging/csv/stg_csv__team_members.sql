{{ staged(
    'csv', 'team_members', key='team_member_id',
    columns=[
        ('person_id', 'text', 'team_member_id'),
        ('applicant_id', 'text', 'applicant_id'),
        ('name', 'text', 'member_name'),
        ('email', 'text', 'email'),
        ('gitlab_username', 'text', 'gitlab_username'),
        ('department', 'text', 'department'),
        ('title', 'text', 'title'),
        ('start_date', 'date', 'start_date'),
        ('end_date', 'date', 'end_date'),
    ]
) }}
