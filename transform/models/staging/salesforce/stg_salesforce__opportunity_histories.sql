with source as (
    {{ source_or_empty(
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
),

final as (
    select
        opportunity_history_id,
        opportunity_id,
        stage_name,
        forecast_category,
        amount,
        probability,
        expected_revenue,
        is_deleted,
        close_date,
        created_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
