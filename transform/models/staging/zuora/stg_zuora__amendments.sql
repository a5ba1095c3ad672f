{{ staged(
    'zuora', 'Amendment', key='amendment_id',
    columns=[
        ('Id', 'text', 'amendment_id'),
        ('SubscriptionId', 'text', 'subscription_id'),
        ('Type', 'text', 'amendment_type'),
        ('Status', 'text', 'amendment_status'),
        ('ContractEffectiveDate', 'date', 'contract_date'),
        ('BookingDate', 'date', 'booking_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
