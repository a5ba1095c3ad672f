with source as (
    {{ source_or_empty(
        'facebook', 'adsinsights_default', key=['action_date', 'ad_account_id', 'ad_id'],
        columns=[
            ('account_id', 'text', 'ad_account_id'),
            ('ad_id', 'text', 'ad_id'),
            ('actions', 'json', 'actions'),
            ('date_start', 'date', 'action_date'),
        ]
    ) }}
),

-- An action may be told in parts, by a breakdown of actions the company asked for.
final as (
    select
        source.ad_account_id,
        source.ad_id,
        {{ json_text('entry.value', 'action_type') }} as action_type,
        counted.key as attribution_window,
        sum(cast(counted.value as numeric)) as actions,
        source.action_date,
        source.is_deleted,
        source.loaded_at
    from source
    cross join lateral {{ json_items('source.actions') }} as entry
    cross join lateral {{ json_properties('entry.value') }} as counted
    where
        source.is_latest_version
        and {{ json_text('entry.value', 'action_type') }} is not null
        and {{ matches_pattern('counted.key', "'^(value|inline|default|dda|[0-9]+d_[a-z]+|skan_[a-z_]+)$'") }}
        and counted.value is not null
    group by 1, 2, 3, 4, 6, 7, 8
)

select * from final
