{{ staged(
    'csv', 'finance_monthly', key='month_start',
    columns=[
        ('revenue', 'numeric', 'revenue'),
        ('cogs', 'numeric', 'cogs'),
        ('sm_expense', 'numeric', 'sm_expense'),
        ('marketing_expense', 'numeric', 'marketing_expense'),
        ('program_spend', 'numeric', 'program_spend'),
        ('rd_expense', 'numeric', 'rd_expense'),
        ('ga_expense', 'numeric', 'ga_expense'),
        ('ebitda', 'numeric', 'ebitda'),
        ('net_income', 'numeric', 'net_income'),
        ('operating_cash_flow', 'numeric', 'operating_cash_flow'),
        ('financing_cash_flow', 'numeric', 'financing_cash_flow'),
        ('cash_end', 'numeric', 'cash_end'),
        ('month', 'date', 'month_start'),
    ]
) }}
