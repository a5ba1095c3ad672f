{{ staged(
    'zuora', 'RatePlan', key='rate_plan_id',
    columns=[
        ('Id', 'text', 'rate_plan_id'),
        ('SubscriptionId', 'text', 'subscription_id'),
        ('ProductId', 'text', 'product_id'),
        ('ProductRatePlanId', 'text', 'product_rate_plan_id'),
        ('Name', 'text', 'rate_plan_name'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
