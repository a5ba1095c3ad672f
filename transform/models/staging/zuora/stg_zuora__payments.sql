{{ staged(
    'zuora', 'Payment', key='payment_id',
    columns=[
        ('Id', 'text', 'payment_id'),
        ('AccountId', 'text', 'billing_account_id'),
        ('PaymentNumber', 'text', 'payment_number'),
        ('Status', 'text', 'payment_status'),
        ('Amount', 'numeric', 'amount'),
        ('RefundAmount', 'numeric', 'refund_amount'),
        ('EffectiveDate', 'date', 'payment_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
