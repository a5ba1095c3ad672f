{{ staged(
    'marketo', 'list_memberships', key=['list_id', 'lead_id'],
    columns=[
        ('list_id', 'text', 'list_id'),
        ('lead_id', 'text', 'lead_id'),
    ]
) }}
