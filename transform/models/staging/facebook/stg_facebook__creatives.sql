{{ staged(
    'facebook', 'creatives', key='creative_id',
    columns=[
        ('id', 'text', 'creative_id'),
        ('account_id', 'text', 'ad_account_id'),
        ('name', 'text', 'creative_name'),
        ('title', 'text', 'creative_title'),
        ('body', 'text', 'creative_body'),
        ('object_type', 'text', 'object_type'),
        ('url_tags', 'text', 'url_tags'),
    ]
) }}
