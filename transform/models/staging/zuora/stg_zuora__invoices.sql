{{ staged(
    'zuora', 'Invoice', key='invoice_id',
    columns=[
        ('Id', 'text', 'invoice_id'),
        ('AccountId', 'text', 'billing_account_id'),
        ('InvoiceNumber', 'text', 'invoice_number'),
        ('Status', 'text', 'invoice_status'),
        ('TransactionCurrency', 'text', 'currency'),
        ('Amount', 'numeric', 'amount'),
        ('AmountWithoutTax', 'numeric', 'amount_without_tax'),
        ('Balance', 'numeric', 'balance'),
        ('AdjustmentAmount', 'numeric', 'adjustment_amount'),
        ('RefundAmount', 'numeric', 'refund_amount'),
        ('ExchangeRate', 'numeric', 'exchange_rate'),
        ('InvoiceDate', 'date', 'invoice_date'),
        ('DueDate', 'date', 'due_date'),
        ('PostedDate', 'timestamp', 'posted_at'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
