with members as (
    select * from {{ ref('stg_salesforce__campaign_members') }}
    where
        not is_deleted
        and has_responded
        and first_responded_date is not null
),

campaigns as (
    select * from {{ ref('int_campaigns__channels') }}
),

people as (
    select * from {{ ref('int_people__clusters') }}
),

touches as (
    select
        members.campaign_member_id,
        people.person_key,
        members.campaign_id,
        campaigns.channel,
        members.member_status,
        members.first_responded_date as touched_date,
        members.created_at
    from members
    inner join campaigns
        on members.campaign_id = campaigns.campaign_id
    inner join people
        on people.record_key = coalesce('sfdc.contact:' || members.contact_id, 'sfdc.lead:' || members.lead_id)
),

ordered as (
    select
        *,
        lag(touched_date) over (
            partition by person_key, campaign_id
            order by touched_date, created_at, {{ bytewise('campaign_member_id') }}
        ) as previous_touched_date
    from touches
),

flagged as (
    select
        *,
        coalesce(
            {{ dbt.datediff('previous_touched_date', 'touched_date', 'day') }} <= {{ var('touch_window_days') }},
            false
        ) as is_repeated
    from ordered
),

numbered as (
    select
        *,
        sum(case when is_repeated then 0 else 1 end) over (
            partition by person_key, campaign_id
            order by touched_date, created_at, {{ bytewise('campaign_member_id') }}
            rows between unbounded preceding and current row
        ) as group_number
    from flagged
),

final as (
    select
        campaign_member_id,
        first_value(campaign_member_id) over (
            partition by person_key, campaign_id, group_number
            order by touched_date, created_at, {{ bytewise('campaign_member_id') }}
        ) as dedup_group_id,
        person_key,
        campaign_id,
        channel,
        member_status,
        is_repeated,
        touched_date,
        created_at
    from numbered
)

select * from final
