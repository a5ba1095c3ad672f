{{ staged(
    'marketo', 'leads', key='lead_id',
    columns=[
        ('id', 'text', 'lead_id'),
        ('email', 'text', 'email'),
        ('company', 'text', 'company'),
        ('website', 'text', 'website'),
        ('sfdcAccountId', 'text', 'crm_account_id'),
        ('sfdcContactId', 'text', 'crm_contact_id'),
        ('sfdcLeadId', 'text', 'crm_lead_id'),
        ('title', 'text', 'title'),
        ('country', 'text', 'country'),
        ('leadSource', 'text', 'lead_source'),
        ('leadStatus', 'text', 'lead_status'),
        ('originalSourceType', 'text', 'original_source_type'),
        ('acquisitionProgramId', 'text', 'acquisition_program_id'),
        ('leadScore', 'numeric', 'lead_score'),
        ('unsubscribed', 'boolean', 'is_unsubscribed'),
        ('emailInvalid', 'boolean', 'is_email_invalid'),
        ('sfdcIsDeleted', 'boolean', 'is_deleted_in_crm'),
        ('createdAt', 'timestamp', 'created_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
