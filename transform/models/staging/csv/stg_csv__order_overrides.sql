{{ staged(
    'csv', 'order_overrides', key='opportunity_id',
    columns=[
        ('opportunity_id', 'text', 'opportunity_id'),
        ('reason', 'text', 'reason'),
        ('iacv', 'numeric', 'iacv'),
        ('close_date', 'date', 'close_date'),
    ]
) }}
