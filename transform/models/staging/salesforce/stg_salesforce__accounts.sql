{{ staged(
    'salesforce', 'Account', key='account_id',
    columns=[
        ('Id', 'text', 'account_id'),
        ('MasterRecordId', 'text', 'master_account_id'),
        ('ParentId', 'text', 'parent_account_id'),
        ('OwnerId', 'text', 'owner_id'),
        ('Name', 'text', 'account_name'),
        ('Type', 'text', 'account_type'),
        ('Industry', 'text', 'industry'),
        ('Website', 'text', 'website'),
        ('BillingCountry', 'text', 'billing_country'),
        ('AccountSource', 'text', 'account_source'),
        (salesforce_field('segment'), 'text', 'segment'),
        ('CurrencyIsoCode', 'text', 'currency'),
        ('NumberOfEmployees', 'numeric', 'employees'),
        ('AnnualRevenue', 'numeric', 'annual_revenue'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('SystemModstamp', 'timestamp', 'modified_at'),
    ]
) }}
