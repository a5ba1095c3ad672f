with web_days as (
    select * from {{ ref('stg_csv__web_daily') }}
    where not is_deleted
),

final as (
    select
        site,
        channel,
        cast(visitors as integer) as visitors,
        cast(sessions as integer) as sessions,
        cast(downloads_ce as integer) as downloads_ce,
        cast(downloads_ee as integer) as downloads_ee,
        cast(trials as integer) as trials,
        web_date
    from web_days
)

select * from final
