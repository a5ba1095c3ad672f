{{ staged(
    'csv', 'surveys', key=['survey_type', 'respondent_hash', 'answered_at'],
    columns=[
        ('survey_type', 'text', 'survey_type'),
        ('respondent_hash', 'text', 'respondent_hash'),
        ('score', 'numeric', 'score'),
        ('answered_at', 'timestamp', 'answered_at'),
    ]
) }}
