{{ staged(
    'salesforce', 'OpportunityStage', key='opportunity_stage_id',
    columns=[
        ('Id', 'text', 'opportunity_stage_id'),
        ('MasterLabel', 'text', 'stage_name'),
        ('ForecastCategory', 'text', 'forecast_category'),
        ('SortOrder', 'numeric', 'sort_order'),
        ('DefaultProbability', 'numeric', 'default_probability'),
        ('IsActive', 'boolean', 'is_active'),
        ('IsClosed', 'boolean', 'is_closed'),
        ('IsWon', 'boolean', 'is_won'),
    ]
) }}
