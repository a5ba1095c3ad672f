{{ staged(
    'csv', 'interviews', key='interview_id',
    columns=[
        ('interview_id', 'text', 'interview_id'),
        ('applicant_id', 'text', 'applicant_id'),
        ('held_at', 'timestamp', 'held_at'),
    ]
) }}
