{{ staged(
    'zuora', 'InvoicePayment', key='invoice_payment_id',
    columns=[
        ('Id', 'text', 'invoice_payment_id'),
        ('InvoiceId', 'text', 'invoice_id'),
        ('PaymentId', 'text', 'payment_id'),
        ('Amount', 'numeric', 'amount'),
        ('RefundAmount', 'numeric', 'refund_amount'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
