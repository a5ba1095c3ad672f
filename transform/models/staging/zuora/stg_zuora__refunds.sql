{{ staged(
    'zuora', 'Refund', key='refund_id',
    columns=[
        ('Id', 'text', 'refund_id'),
        ('AccountId', 'text', 'billing_account_id'),
        ('RefundNumber', 'text', 'refund_number'),
        ('Status', 'text', 'refund_status'),
        ('Amount', 'numeric', 'amount'),
        ('RefundDate', 'date', 'refund_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
