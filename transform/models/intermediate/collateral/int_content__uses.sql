-- Every use of content: visits of its page, forms filled out on it, files loaded from it, clicks on
-- its link in mails. What scanners of mails click is none; nor is what people did whose record is
-- deleted, as nothing is left to show it.
with activities as (
    select * from {{ ref('stg_marketo__activities') }}
    where
        not is_deleted
        and not is_bot
),

usage_rules as (
    select * from {{ ref('usage_rules') }}
),

people as (
    select * from {{ ref('int_people__marketing_records') }}
    where source_system = 'marketo'
),

owners as (
    select * from {{ ref('int_people__owners') }}
),

campaigns as (
    select * from {{ ref('int_marketo__activity_campaigns') }}
),

pages as (
    select * from {{ ref('int_content__pages') }}
),

content_rules as (
    select * from {{ ref('content_rules') }}
),

paths as (
    select
        page_path,
        min(landing_page_id) as landing_page_id
    from pages
    group by page_path
),

used as (
    select
        activities.activity_id,
        activities.lead_id,
        usage_rules.usage_type,
        case
            when activities.activity_type = 'visit_webpage' then activities.primary_attribute_id
            else activities.webpage_id
        end as landing_page_id,
        {{ url_path('coalesce(activities.webpage_url, activities.link, activities.primary_attribute_value)') }}
            as page_path,
        activities.activity_at
    from activities
    inner join usage_rules
        on activities.activity_type = usage_rules.activity_type
),

-- A page nobody told of is named by its address.
named as (
    select
        used.activity_id,
        used.lead_id,
        used.usage_type,
        coalesce(by_id.content_name, by_path.content_name, used.page_path) as content_name,
        coalesce(by_id.content_type, by_path.content_type) as content_type,
        coalesce(by_id.is_collateral, by_path.is_collateral) as is_collateral,
        used.page_path,
        used.activity_at
    from used
    left join pages as by_id
        on used.landing_page_id = by_id.landing_page_id
    left join paths
        on used.page_path = paths.page_path
    left join pages as by_path
        on paths.landing_page_id = by_path.landing_page_id
),

ruled as (
    select
        named.*,
        content_rules.content_type as ruled_type,
        content_rules.is_collateral as ruled_is_collateral,
        row_number() over (partition by named.activity_id order by content_rules.priority) as rule_rank
    from named
    left join content_rules
        on named.content_type is null
        and {{ matches_pattern('named.page_path', 'content_rules.page_pattern') }}
    where named.content_name is not null
),

final as (
    select
        ruled.activity_id,
        ruled.content_name,
        coalesce(ruled.content_type, ruled.ruled_type, 'page') as content_type,
        ruled.usage_type,
        people.person_key,
        owners.customer_account_id,
        campaigns.campaign_id,
        {{ reporting_date('ruled.activity_at') }} as used_date,
        ruled.activity_at as used_at
    from ruled
    inner join people
        on ruled.lead_id = people.record_id
    left join owners
        on people.person_key = owners.person_key
    left join campaigns
        on ruled.activity_id = campaigns.activity_id
    where
        ruled.rule_rank = 1
        and coalesce(ruled.is_collateral, ruled.ruled_is_collateral, true)
)

select * from final
