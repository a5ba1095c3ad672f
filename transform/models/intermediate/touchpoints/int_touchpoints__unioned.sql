-- All touches of all sources. Those of one person and campaign at most touch_window_days apart are
-- one: the source that saw it itself is kept, the platform before Marketo before the CRM.
with crm_touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
),

marketing_touches as (
    select * from {{ ref('int_touchpoints__marketing') }}
),

told as (
    select
        1 as preference,
        'salesforce' as source_system,
        {{ surrogate_key('sfdc.campaign_member', 'campaign_member_id') }} as touch_key,
        campaign_member_id as source_id,
        person_key,
        'R2' as identity_rule,
        'sfdc.campaign:' || campaign_id as campaign_key,
        channel,
        'campaign_response' as touch_type,
        member_status as touch_status,
        cast(null as text) as ad_id,
        true as is_response,
        is_repeated,
        touched_date,
        {{ start_of_day('touched_date') }} as touched_at,
        created_at as recorded_at
    from crm_touches

    union all

    select
        case source_system when 'facebook' then 3 else 2 end as preference,
        source_system,
        touch_key,
        source_id,
        person_key,
        identity_rule,
        campaign_key,
        channel,
        touch_type,
        touch_status,
        ad_id,
        is_response,
        cast(null as boolean) as is_repeated,
        touched_date,
        touched_at,
        touched_at as recorded_at
    from marketing_touches
),

-- A touch of no campaign is a campaign by itself.
ordered as (
    select
        *,
        coalesce(campaign_key, touch_key) as group_campaign_key,
        lag(touched_date) over (
            partition by person_key, coalesce(campaign_key, touch_key)
            order by touched_date, recorded_at, {{ bytewise('source_id') }}
        ) as previous_date,
        lag(touched_date) over (
            partition by person_key, coalesce(campaign_key, touch_key), source_system
            order by touched_date, recorded_at, {{ bytewise('source_id') }}
        ) as previous_date_of_source
    from told
),

numbered as (
    select
        *,
        sum(
            case
                when {{ dbt.datediff('previous_date', 'touched_date', 'day') }} <= {{ var('touch_window_days') }} then 0
                else 1
            end
        ) over (
            partition by person_key, group_campaign_key
            order by touched_date, recorded_at, {{ bytewise('source_id') }}
            rows between unbounded preceding and current row
        ) as group_number
    from ordered
),

ranked as (
    select
        *,
        first_value(touch_key) over (
            partition by person_key, group_campaign_key, group_number
            order by preference desc, touched_date, recorded_at, {{ bytewise('source_id') }}
        ) as kept_key
    from numbered
),

final as (
    select
        touch_key,
        source_system,
        source_id,
        person_key,
        identity_rule,
        campaign_key,
        channel,
        touch_type,
        touch_status,
        ad_id,
        kept_key,
        touch_key = kept_key as is_kept,
        coalesce(
            is_repeated,
            {{ dbt.datediff('previous_date_of_source', 'touched_date', 'day') }} <= {{ var('touch_window_days') }},
            false
        ) as is_repeated,
        is_response,
        touched_date,
        touched_at
    from ranked
)

select * from final
