{{ staged(
    'csv', 'offers', key='offer_id',
    columns=[
        ('offer_id', 'text', 'offer_id'),
        ('applicant_id', 'text', 'applicant_id'),
        ('decision', 'text', 'decision'),
        ('sent_at', 'timestamp', 'sent_at'),
        ('decided_at', 'timestamp', 'decided_at'),
    ]
) }}
