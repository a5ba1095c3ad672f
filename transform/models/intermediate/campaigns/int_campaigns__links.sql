-- Which campaign of the CRM a program of Marketo and a campaign of Facebook is: by decision, by its
-- id, or by its name, when only one campaign has that name. The id that Marketo tells counts even
-- where the CRM is not there to confirm it.
with known as (
    select * from {{ ref('int_campaigns__known') }}
),

decisions as (
    select * from {{ ref('campaign_links') }}
),

programs as (
    select * from {{ ref('stg_marketo__programs') }}
    where not is_deleted
),

facebook_campaigns as (
    select * from {{ ref('stg_facebook__campaigns') }}
),

ads as (
    select * from {{ ref('stg_facebook__ads') }}
),

creatives as (
    select * from {{ ref('stg_facebook__creatives') }}
),

tagged as (
    select
        ads.facebook_campaign_id,
        min({{ url_parameter('creatives.url_tags', 'utm_campaign') }}) as utm_campaign
    from ads
    inner join creatives
        on {{ json_text('ads.creative', 'id') }} = creatives.creative_id
    group by ads.facebook_campaign_id
),

told as (
    select
        'marketo' as source_system,
        program_id as source_campaign_id,
        program_name as source_campaign_name,
        crm_campaign_id as told_id,
        {{ name_key('program_name') }} as first_name_key,
        {{ name_key('crm_campaign_name') }} as second_name_key
    from programs

    union all

    select
        'facebook' as source_system,
        facebook_campaigns.facebook_campaign_id as source_campaign_id,
        facebook_campaigns.campaign_name as source_campaign_name,
        tagged.utm_campaign as told_id,
        {{ name_key('facebook_campaigns.campaign_name') }} as first_name_key,
        {{ name_key('tagged.utm_campaign') }} as second_name_key
    from facebook_campaigns
    left join tagged
        on facebook_campaigns.facebook_campaign_id = tagged.facebook_campaign_id
),

names as (
    select
        name_key,
        min(campaign_id) as campaign_id
    from known
    where name_key is not null
    group by name_key
    having count(*) = 1
),

-- An id may come with 15 or with 18 characters.
ids as (
    select
        left(campaign_id, 15) as short_id,
        min(campaign_id) as campaign_id
    from known
    group by left(campaign_id, 15)
),

final as (
    select
        told.source_system,
        told.source_campaign_id,
        told.source_campaign_name,
        coalesce(
            decided.campaign_id,
            ids.campaign_id,
            case when told.source_system = 'marketo' then told.told_id end,
            first_names.campaign_id,
            second_names.campaign_id
        ) as campaign_id,
        case
            when decided.campaign_id is not null then 'decision'
            when ids.campaign_id is not null then 'id'
            when told.source_system = 'marketo' and told.told_id is not null then 'id'
            when coalesce(first_names.campaign_id, second_names.campaign_id) is not null then 'name'
        end as linked_by
    from told
    left join decisions
        on told.source_system = decisions.source_system
        and told.source_campaign_id = decisions.source_campaign_id
    left join known as decided
        on decisions.sfdc_campaign_id = decided.campaign_id
    left join ids
        on left(told.told_id, 15) = ids.short_id
    left join names as first_names
        on told.first_name_key = first_names.name_key
    left join names as second_names
        on told.second_name_key = second_names.name_key
)

select * from final
