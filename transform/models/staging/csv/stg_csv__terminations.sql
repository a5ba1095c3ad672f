{{ staged(
    'csv', 'terminations', key=['team_member_id', 'termination_date'],
    columns=[
        ('person_id', 'text', 'team_member_id'),
        ('type', 'text', 'termination_type'),
        ('date', 'date', 'termination_date'),
    ]
) }}
