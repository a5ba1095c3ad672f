with people as (
    select * from {{ ref('int_people__clusters') }}
),

touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
    where not is_repeated
),

leads as (
    select
        person_key,
        min(created_at) as created_at,
        {{ reporting_date('min(created_at)') }} as created_date
    from people
    where record_type = 'lead'
    group by person_key
),

ranked as (
    select
        leads.person_key,
        touches.campaign_member_id,
        touches.campaign_id,
        touches.channel,
        touches.touched_date,
        row_number() over (
            partition by leads.person_key
            order by touches.touched_date, touches.created_at, {{ bytewise('touches.campaign_member_id') }}
        ) as touch_rank
    from leads
    inner join touches
        on leads.person_key = touches.person_key
        and touches.touched_date
        between {{ add_days('leads.created_date', '-' ~ var('lookback_days')) }} and leads.created_date
),

final as (
    select
        leads.person_key,
        first_touch.campaign_member_id as first_touch_id,
        first_touch.campaign_id,
        first_touch.channel,
        leads.created_at,
        leads.created_date,
        first_touch.touched_date as first_touched_date,
        coalesce(first_touch.touched_date, leads.created_date) as cohort_date
    from leads
    left join ranked as first_touch
        on leads.person_key = first_touch.person_key
        and first_touch.touch_rank = 1
)

select * from final
