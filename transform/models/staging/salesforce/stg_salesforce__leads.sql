with source as (
    {{ source_or_empty(
        'salesforce', 'Lead', key='lead_id',
        columns=[
            ('Id', 'text', 'lead_id'),
            ('MasterRecordId', 'text', 'master_lead_id'),
            ('ConvertedAccountId', 'text', 'converted_account_id'),
            ('ConvertedContactId', 'text', 'converted_contact_id'),
            ('ConvertedOpportunityId', 'text', 'converted_opportunity_id'),
            ('OwnerId', 'text', 'owner_id'),
            ('Email', 'text', 'email'),
            ('Company', 'text', 'company'),
            ('Website', 'text', 'website'),
            ('Title', 'text', 'title'),
            ('Country', 'text', 'country'),
            ('LeadSource', 'text', 'lead_source'),
            ('Status', 'text', 'lead_status'),
            (salesforce_field('instance_uuid'), 'text', 'instance_uuid'),
            ('IsConverted', 'boolean', 'is_converted'),
            ('HasOptedOutOfEmail', 'boolean', 'has_opted_out_of_email'),
            ('ConvertedDate', 'date', 'converted_date'),
            (salesforce_field('mql_date'), 'date', 'mql_date'),
            ('CreatedDate', 'timestamp', 'created_at'),
            ('SystemModstamp', 'timestamp', 'modified_at'),
        ]
    ) }}
),

final as (
    select
        lead_id,
        master_lead_id,
        converted_account_id,
        converted_contact_id,
        converted_opportunity_id,
        owner_id,
        email,
        company,
        website,
        title,
        country,
        lead_source,
        lead_status,
        instance_uuid,
        is_converted,
        has_opted_out_of_email,
        is_deleted,
        converted_date,
        mql_date,
        created_at,
        modified_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
