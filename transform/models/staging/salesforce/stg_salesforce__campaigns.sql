{{ staged(
    'salesforce', 'Campaign', key='campaign_id',
    columns=[
        ('Id', 'text', 'campaign_id'),
        ('ParentId', 'text', 'parent_campaign_id'),
        ('OwnerId', 'text', 'owner_id'),
        ('Name', 'text', 'campaign_name'),
        ('Type', 'text', 'campaign_type'),
        ('Status', 'text', 'campaign_status'),
        ('CurrencyIsoCode', 'text', 'currency'),
        ('ActualCost', 'numeric', 'actual_cost'),
        ('BudgetedCost', 'numeric', 'budgeted_cost'),
        ('ExpectedRevenue', 'numeric', 'expected_revenue'),
        ('IsActive', 'boolean', 'is_active'),
        ('StartDate', 'date', 'start_date'),
        ('EndDate', 'date', 'end_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('SystemModstamp', 'timestamp', 'modified_at'),
    ]
) }}
