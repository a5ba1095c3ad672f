-- Touches that Marketo and Facebook tell of, by the seed touch_rules: of a session only the first
-- page, of a program only its success, never what a scanner of mails does.
with activities as (
    select * from {{ ref('stg_marketo__activities') }}
    where
        not is_deleted
        and not is_bot
),

lead_ads as (
    select * from {{ ref('stg_facebook__lead_ads') }}
    where not is_deleted
),

touch_rules as (
    select * from {{ ref('touch_rules') }}
    where counts_as_touch
),

people as (
    select * from {{ ref('int_people__marketing_records') }}
),

activity_campaigns as (
    select * from {{ ref('int_marketo__activity_campaigns') }}
),

links as (
    select * from {{ ref('int_campaigns__links') }}
    where source_system = 'facebook'
),

known as (
    select * from {{ ref('int_campaigns__known') }}
),

counted as (
    select
        activities.*,
        touch_rules.counts_as_response,
        touch_rules.default_channel,
        lag(activities.activity_at) over (
            partition by activities.lead_id, activities.activity_type
            order by activities.activity_at, {{ bytewise('activities.activity_id') }}
        ) as previous_at
    from activities
    inner join touch_rules
        on activities.activity_type = touch_rules.touch_type
        and touch_rules.source_system = 'marketo'
    where
        activities.activity_type <> 'change_status_in_progression'
        or activities.is_success
),

told as (
    select
        'marketo' as source_system,
        {{ surrogate_key('marketo.activity', 'counted.activity_id') }} as touch_key,
        counted.activity_id as source_id,
        'lead' as object_name,
        counted.lead_id as record_id,
        activity_campaigns.campaign_id,
        'marketo.program:' || activity_campaigns.program_id as source_campaign_key,
        counted.activity_type as touch_type,
        counted.primary_attribute_value as touch_status,
        cast(null as text) as ad_id,
        counted.default_channel,
        counted.counts_as_response as is_response,
        counted.activity_at as touched_at
    from counted
    left join activity_campaigns
        on counted.activity_id = activity_campaigns.activity_id
    where
        counted.activity_type <> 'visit_webpage'
        or counted.previous_at is null
        or counted.activity_at > {{ dbt.dateadd('minute', var('session_minutes'), 'counted.previous_at') }}

    union all

    select
        'facebook' as source_system,
        {{ surrogate_key('facebook.lead_ad', 'lead_ads.lead_ad_id') }} as touch_key,
        lead_ads.lead_ad_id as source_id,
        'lead_ad' as object_name,
        lead_ads.lead_ad_id as record_id,
        links.campaign_id,
        'facebook.campaign:' || lead_ads.facebook_campaign_id as source_campaign_key,
        touch_rules.touch_type,
        lead_ads.platform as touch_status,
        lead_ads.ad_id,
        touch_rules.default_channel,
        touch_rules.counts_as_response as is_response,
        lead_ads.created_at as touched_at
    from lead_ads
    inner join touch_rules
        on touch_rules.source_system = 'facebook'
        and touch_rules.touch_type = 'lead_ad'
    left join links
        on lead_ads.facebook_campaign_id = links.source_campaign_id
),

final as (
    select
        told.source_system,
        told.touch_key,
        told.source_id,
        people.person_key,
        people.rule_code as identity_rule,
        told.campaign_id,
        coalesce('sfdc.campaign:' || told.campaign_id, told.source_campaign_key) as campaign_key,
        coalesce(known.channel, told.default_channel) as channel,
        told.touch_type,
        told.touch_status,
        told.ad_id,
        told.is_response,
        {{ reporting_date('told.touched_at') }} as touched_date,
        told.touched_at
    from told
    inner join people
        on told.source_system = people.source_system
        and told.object_name = people.object_name
        and told.record_id = people.record_id
    left join known
        on told.campaign_id = known.campaign_id
)

select * from final
