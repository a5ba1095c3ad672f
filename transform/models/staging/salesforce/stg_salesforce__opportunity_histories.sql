{{ staged(
    'salesforce', 'OpportunityHistory', key='opportunity_history_id',
    columns=[
        ('Id', 'text', 'opportunity_history_id'),
        ('OpportunityId', 'text', 'opportunity_id'),
        ('StageName', 'text', 'stage_name'),
        ('ForecastCategory', 'text', 'forecast_category'),
        ('Amount', 'numeric', 'amount'),
        ('Probability', 'numeric', 'probability'),
        ('ExpectedRevenue', 'numeric', 'expected_revenue'),
        ('CloseDate', 'date', 'close_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
    ]
) }}
