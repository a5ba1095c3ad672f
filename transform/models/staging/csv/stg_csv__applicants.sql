{{ staged(
    'csv', 'applicants', key='applicant_id',
    columns=[
        ('applicant_id', 'text', 'applicant_id'),
        ('job_id', 'text', 'job_id'),
        ('department', 'text', 'department'),
        ('source', 'text', 'applicant_source'),
        ('status', 'text', 'applicant_status'),
        ('applied_at', 'timestamp', 'applied_at'),
        ('rejected_at', 'timestamp', 'rejected_at'),
    ]
) }}
