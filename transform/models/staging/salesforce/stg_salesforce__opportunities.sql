with source as (
    {{ source_or_empty(
        'salesforce', 'Opportunity', key='opportunity_id',
        columns=[
            ('Id', 'text', 'opportunity_id'),
            ('AccountId', 'text', 'account_id'),
            ('CampaignId', 'text', 'campaign_id'),
            ('OwnerId', 'text', 'owner_id'),
            (salesforce_field('merged_opportunity'), 'text', 'merged_opportunity_id'),
            ('Name', 'text', 'opportunity_name'),
            ('Type', 'text', 'opportunity_type'),
            ('StageName', 'text', 'stage_name'),
            ('ForecastCategory', 'text', 'forecast_category'),
            ('LeadSource', 'text', 'lead_source'),
            ('CurrencyIsoCode', 'text', 'currency'),
            ('Amount', 'numeric', 'amount'),
            ('Probability', 'numeric', 'probability'),
            ('ExpectedRevenue', 'numeric', 'expected_revenue'),
            (salesforce_field('acv'), 'numeric', 'acv'),
            (salesforce_field('incremental_acv'), 'numeric', 'incremental_acv'),
            (salesforce_field('renewal_acv'), 'numeric', 'renewal_acv'),
            (salesforce_field('tcv'), 'numeric', 'tcv'),
            (salesforce_field('one_time'), 'numeric', 'one_time'),
            (salesforce_field('contract_term_months'), 'numeric', 'term_months'),
            ('IsClosed', 'boolean', 'is_closed'),
            ('IsWon', 'boolean', 'is_won'),
            (salesforce_field('is_partner'), 'boolean', 'is_partner'),
            ('CloseDate', 'date', 'close_date'),
            (salesforce_field('sales_accepted_date'), 'date', 'sales_accepted_date'),
            (salesforce_field('sales_qualified_date'), 'date', 'sales_qualified_date'),
            ('CreatedDate', 'timestamp', 'created_at'),
            ('SystemModstamp', 'timestamp', 'modified_at'),
        ]
    ) }}
),

final as (
    select
        opportunity_id,
        account_id,
        campaign_id,
        owner_id,
        merged_opportunity_id,
        opportunity_name,
        opportunity_type,
        stage_name,
        forecast_category,
        lead_source,
        currency,
        amount,
        probability,
        expected_revenue,
        acv,
        incremental_acv,
        renewal_acv,
        tcv,
        one_time,
        term_months,
        is_closed,
        is_won,
        is_partner,
        is_deleted,
        close_date,
        sales_accepted_date,
        sales_qualified_date,
        created_at,
        modified_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
