with pages as (
    select * from {{ ref('int_content__pages') }}
),

uses as (
    select * from {{ ref('int_content__uses') }}
),

emails as (
    select * from {{ ref('stg_marketo__emails') }}
    where not is_deleted
),

creatives as (
    select * from {{ ref('stg_facebook__creatives') }}
    where not is_deleted
),

named as (
    select
        content_name,
        min(content_type) as content_type,
        {{ dbt.bool_or('is_collateral') }} as is_collateral,
        min(landing_page_id) as source_id
    from (
        select
            content_name,
            content_type,
            is_collateral,
            landing_page_id
        from pages

        union all

        select
            content_name,
            content_type,
            true as is_collateral,
            cast(null as text) as landing_page_id
        from uses
    ) as told
    group by content_name
),

usage_counts as (
    select
        content_name,
        count(*) as uses,
        count(distinct person_key) as people,
        count(distinct customer_account_id) as organizations,
        min(used_date) as first_used_date,
        max(used_date) as last_used_date
    from uses
    group by content_name
),

final as (
    select
        {{ surrogate_key('content', 'named.content_name') }} as content_id,
        named.content_name,
        named.content_type,
        'marketo' as source_system,
        named.source_id,
        coalesce(usage_counts.uses, 0) as uses,
        coalesce(usage_counts.people, 0) as people,
        coalesce(usage_counts.organizations, 0) as organizations,
        named.is_collateral,
        usage_counts.first_used_date,
        usage_counts.last_used_date
    from named
    left join usage_counts
        on named.content_name = usage_counts.content_name

    union all

    select
        {{ surrogate_key('marketo.email', 'email_asset_id') }} as content_id,
        email_name as content_name,
        'email' as content_type,
        'marketo' as source_system,
        email_asset_id as source_id,
        0 as uses,
        0 as people,
        0 as organizations,
        false as is_collateral,
        cast(null as date) as first_used_date,
        cast(null as date) as last_used_date
    from emails

    union all

    select
        {{ surrogate_key('facebook.creative', 'creative_id') }} as content_id,
        creative_name as content_name,
        'ad_creative' as content_type,
        'facebook' as source_system,
        creative_id as source_id,
        0 as uses,
        0 as people,
        0 as organizations,
        false as is_collateral,
        cast(null as date) as first_used_date,
        cast(null as date) as last_used_date
    from creatives
)

select * from final
