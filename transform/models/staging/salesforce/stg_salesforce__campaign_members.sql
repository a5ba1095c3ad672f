{{ staged(
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
