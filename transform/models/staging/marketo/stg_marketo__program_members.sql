{{ staged(
    'marketo', 'program_members', key=['program_id', 'lead_id'],
    columns=[
        ('programId', 'text', 'program_id'),
        ('leadId', 'text', 'lead_id'),
        ('statusName', 'text', 'member_status'),
        ('acquiredBy', 'boolean', 'is_acquired_by'),
        ('reachedSuccess', 'boolean', 'has_success'),
        ('membershipDate', 'timestamp', 'joined_at'),
        ('reachedSuccessDate', 'timestamp', 'succeeded_at'),
        ('updatedAt', 'timestamp', 'modified_at'),
    ]
) }}
