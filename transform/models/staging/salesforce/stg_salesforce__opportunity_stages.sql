with source as (
    {{ source_or_empty(
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
),

final as (
    select
        opportunity_stage_id,
        stage_name,
        forecast_category,
        sort_order,
        default_probability,
        is_active,
        is_closed,
        is_won,
        is_deleted,
        loaded_at
    from source
    where is_latest_version
)

select * from final
