-- Which campaign of the CRM an activity of Marketo belongs to: that of the program whose smart
-- campaign it is, else the one the page's address names (utm_campaign).
with activities as (
    select * from {{ ref('stg_marketo__activities') }}
    where not is_deleted
),

smart_campaigns as (
    select * from {{ ref('stg_marketo__smart_campaigns') }}
),

links as (
    select * from {{ ref('int_campaigns__links') }}
    where source_system = 'marketo'
),

known as (
    select * from {{ ref('int_campaigns__known') }}
),

tagged as (
    select
        activity_id,
        smart_campaign_id,
        coalesce(
            {{ url_parameter('query_parameters', 'utm_campaign') }}, {{ url_parameter('link', 'utm_campaign') }}
        ) as utm_campaign
    from activities
    where
        smart_campaign_id is not null
        or query_parameters is not null
        or link is not null
),

-- Names as links carry them: of programs before campaigns, and ids.
slugs as (
    select
        slug,
        min(program_id) as program_id,
        min(campaign_id) as campaign_id
    from (
        select
            {{ name_slug('source_campaign_name') }} as slug,
            source_campaign_id as program_id,
            campaign_id
        from links

        union all

        select
            {{ name_slug('known.campaign_name') }} as slug,
            cast(null as text) as program_id,
            known.campaign_id
        from known
        left join links
            on {{ name_slug('known.campaign_name') }} = {{ name_slug('links.source_campaign_name') }}
        where links.source_campaign_id is null

        union all

        select
            {{ name_slug('campaign_id') }} as slug,
            cast(null as text) as program_id,
            campaign_id
        from known
    ) as named
    where slug is not null
    group by slug
    having count(*) = 1
),

final as (
    select
        tagged.activity_id,
        coalesce(links.source_campaign_id, slugs.program_id) as program_id,
        coalesce(links.campaign_id, case when links.source_campaign_id is null then slugs.campaign_id end)
            as campaign_id
    from tagged
    left join smart_campaigns
        on tagged.smart_campaign_id = smart_campaigns.smart_campaign_id
    left join links
        on smart_campaigns.program_id = links.source_campaign_id
    left join slugs
        on {{ name_slug('tagged.utm_campaign') }} = slugs.slug
    where coalesce(links.source_campaign_id, slugs.program_id, slugs.campaign_id) is not null
)

select * from final
