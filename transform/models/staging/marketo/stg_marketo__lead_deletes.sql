{{ staged(
    'marketo', 'activities_delete_lead', key='activity_id',
    columns=[
        ('marketoGUID', 'text', 'activity_id'),
        ('leadId', 'text', 'lead_id'),
        ('activityDate', 'timestamp', 'deleted_at'),
    ]
) }}
