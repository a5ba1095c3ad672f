with source as (
    {{ source_or_empty(
        'facebook', 'leads', key='lead_ad_id',
        columns=[
            ('id', 'text', 'lead_ad_id'),
            ('campaign_id', 'text', 'facebook_campaign_id'),
            ('adset_id', 'text', 'ad_set_id'),
            ('ad_id', 'text', 'ad_id'),
            ('form_id', 'text', 'lead_form_id'),
            ('platform', 'text', 'platform'),
            ('field_data', 'json', 'answers'),
            ('is_organic', 'boolean', 'is_organic'),
            ('created_time', 'timestamp', 'created_at'),
        ]
    ) }}
),

final as (
    select
        lead_ad_id,
        facebook_campaign_id,
        ad_set_id,
        ad_id,
        lead_form_id,
        platform,
        {{ json_answer('answers', 'email') }} as email,
        {{ json_answer('answers', 'full_name') }} as full_name,
        {{ json_answer('answers', 'company_name') }} as company_name,
        {{ json_answer('answers', 'phone_number') }} as phone,
        {{ json_answer('answers', 'job_title') }} as job_title,
        is_organic,
        created_at,
        is_deleted,
        loaded_at
    from source
    where is_latest_version
)

select * from final
