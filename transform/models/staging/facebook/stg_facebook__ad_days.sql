{{ staged(
    'facebook', 'adsinsights_default', key=['spend_date', 'ad_account_id', 'ad_id'],
    columns=[
        ('account_id', 'text', 'ad_account_id'),
        ('campaign_id', 'text', 'facebook_campaign_id'),
        ('adset_id', 'text', 'ad_set_id'),
        ('ad_id', 'text', 'ad_id'),
        ('account_currency', 'text', 'currency'),
        ('spend', 'numeric', 'spend'),
        ('impressions', 'numeric', 'impressions'),
        ('clicks', 'numeric', 'clicks'),
        ('reach', 'numeric', 'reach'),
        ('date_start', 'date', 'spend_date'),
    ]
) }}
