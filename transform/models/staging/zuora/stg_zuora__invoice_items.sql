{{ staged(
    'zuora', 'InvoiceItem', key='invoice_item_id',
    columns=[
        ('Id', 'text', 'invoice_item_id'),
        ('InvoiceId', 'text', 'invoice_id'),
        ('SubscriptionId', 'text', 'subscription_id'),
        ('RatePlanChargeId', 'text', 'rate_plan_charge_id'),
        ('ChargeAmount', 'numeric', 'charge_amount'),
        ('ServiceStartDate', 'date', 'service_start_date'),
        ('ServiceEndDate', 'date', 'service_end_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
