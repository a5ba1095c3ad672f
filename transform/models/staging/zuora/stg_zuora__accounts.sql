{{ staged(
    'zuora', 'Account', key='billing_account_id',
    columns=[
        ('Id', 'text', 'billing_account_id'),
        ('CrmId', 'text', 'crm_account_id'),
        ('ParentId', 'text', 'parent_billing_account_id'),
        ('AccountNumber', 'text', 'account_number'),
        ('Name', 'text', 'account_name'),
        ('Status', 'text', 'account_status'),
        ('Currency', 'text', 'currency'),
        ('Balance', 'numeric', 'balance'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
