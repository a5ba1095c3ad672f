with source as (
    {{ source_or_empty(
        'salesforce', 'CampaignMember', key='campaign_member_id',
        columns=[
            ('Id', 'text', 'campaign_member_id'),
            ('CampaignId', 'text', 'campaign_id'),
            ('LeadId', 'text', 'lead_id'),
            ('ContactId', 'text', 'contact_id'),
            ('Status', 'text', 'member_status'),
            ('HasResponded', 'boolean', 'has_responded'),
            ('FirstRespondedDate', 'date', 'first_responded_date'),
            ('CreatedDate', 'timestamp', 'created_at'),
        ]
    ) }}
),

final as (
    select
        campaign_member_id,
        campaign_id,
        lead_id,
        contact_id,
        member_status,
        has_responded,
        is_deleted,
        first_responded_date,
        created_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
