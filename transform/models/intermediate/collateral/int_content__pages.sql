-- Landing pages, what content they give, and whether that is collateral.
with pages as (
    select * from {{ ref('stg_marketo__landing_pages') }}
    where not is_deleted
),

rules as (
    select * from {{ ref('content_rules') }}
),

addressed as (
    select
        landing_page_id,
        coalesce(nullif(trim(page_title), ''), page_name) as content_name,
        coalesce({{ url_path('page_url') }}, page_name) as page_path
    from pages
),

ranked as (
    select
        addressed.*,
        rules.content_type,
        rules.is_collateral,
        row_number() over (partition by addressed.landing_page_id order by rules.priority) as rule_rank
    from addressed
    left join rules
        on {{ matches_pattern('addressed.page_path', 'rules.page_pattern') }}
),

final as (
    select
        landing_page_id,
        content_name,
        page_path,
        coalesce(content_type, 'page') as content_type,
        coalesce(is_collateral, true) as is_collateral
    from ranked
    where rule_rank = 1
)

select * from final
