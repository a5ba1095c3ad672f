{{ staged(
    'facebook', 'leadgen_forms', key='lead_form_id',
    columns=[
        ('id', 'text', 'lead_form_id'),
        ('page_id', 'text', 'page_id'),
        ('name', 'text', 'form_name'),
        ('status', 'text', 'form_status'),
        ('leads_count', 'numeric', 'leads'),
        ('created_time', 'timestamp', 'created_at'),
    ]
) }}
