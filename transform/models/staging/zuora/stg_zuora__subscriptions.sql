{{ staged(
    'zuora', 'Subscription', key='subscription_id',
    columns=[
        ('Id', 'text', 'subscription_id'),
        ('OriginalId', 'text', 'original_subscription_id'),
        ('PreviousSubscriptionId', 'text', 'previous_subscription_id'),
        ('AccountId', 'text', 'billing_account_id'),
        (zuora_field('opportunity'), 'text', 'opportunity_id'),
        ('Name', 'text', 'subscription_name'),
        ('Status', 'text', 'subscription_status'),
        ('TermType', 'text', 'term_type'),
        ('Version', 'numeric', 'version_number'),
        ('InitialTerm', 'numeric', 'initial_term'),
        ('RenewalTerm', 'numeric', 'renewal_term'),
        ('AutoRenew', 'boolean', 'is_auto_renewed'),
        ('IsLatestVersion', 'boolean', 'is_latest'),
        ('ContractEffectiveDate', 'date', 'contract_date'),
        ('TermStartDate', 'date', 'term_start_date'),
        ('TermEndDate', 'date', 'term_end_date'),
        ('CancelledDate', 'date', 'cancelled_date'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
