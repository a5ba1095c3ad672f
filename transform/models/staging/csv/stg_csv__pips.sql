{{ staged(
    'csv', 'pips', key='improvement_plan_id',
    columns=[
        ('pip_id', 'text', 'improvement_plan_id'),
        ('person_id', 'text', 'team_member_id'),
        ('outcome', 'text', 'outcome'),
        ('start_date', 'date', 'start_date'),
        ('end_date', 'date', 'end_date'),
    ]
) }}
