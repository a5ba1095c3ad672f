{{ staged(
    'csv', 'scorecards', key=['applicant_id', 'criterion', 'scored_at'],
    columns=[
        ('applicant_id', 'text', 'applicant_id'),
        ('criterion', 'text', 'criterion'),
        ('kind', 'text', 'criterion_kind'),
        ('score', 'numeric', 'score'),
        ('scored_at', 'timestamp', 'scored_at'),
    ]
) }}
