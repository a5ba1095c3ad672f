{{ staged(
    'salesforce', 'Contact', key='contact_id',
    columns=[
        ('Id', 'text', 'contact_id'),
        ('MasterRecordId', 'text', 'master_contact_id'),
        ('AccountId', 'text', 'account_id'),
        ('OwnerId', 'text', 'owner_id'),
        ('Email', 'text', 'email'),
        ('Title', 'text', 'title'),
        ('LeadSource', 'text', 'lead_source'),
        ('MailingCountry', 'text', 'country'),
        ('HasOptedOutOfEmail', 'boolean', 'has_opted_out_of_email'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('SystemModstamp', 'timestamp', 'modified_at'),
    ]
) }}
