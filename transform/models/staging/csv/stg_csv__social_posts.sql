{{ staged(
    'csv', 'social_posts', key=['post_id', 'counted_on'],
    columns=[
        ('post_id', 'text', 'post_id'),
        ('network', 'text', 'network'),
        ('release', 'text', 'release'),
        ('retweets', 'numeric', 'retweets'),
        ('as_of', 'date', 'counted_on'),
        ('posted_at', 'timestamp', 'posted_at'),
    ]
) }}
