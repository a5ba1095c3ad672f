with source as (
    {{ source_or_empty(
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
),

final as (
    select
        campaign_id,
        parent_campaign_id,
        owner_id,
        campaign_name,
        campaign_type,
        campaign_status,
        currency,
        actual_cost,
        budgeted_cost,
        expected_revenue,
        is_active,
        is_deleted,
        start_date,
        end_date,
        created_at,
        modified_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
