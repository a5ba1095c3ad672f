-- People, from the application to the last day. Figures about fewer than five people are not told.
with applications as (
    select
        *,
        {{ month_start('applied_date') }} as applied_month,
        {{ week_start('applied_date') }} as applied_week,
        {{ month_start('accepted_date') }} as accepted_month
    from {{ ref('int_people__applications') }}
),

offers as (
    select
        offers.*,
        applications.department,
        {{ month_start(reporting_date('offers.decided_at')) }} as decided_month
    from {{ ref('stg_csv__offers') }} as offers
    inner join applications
        on offers.applicant_id = applications.applicant_id
    where
        not offers.is_deleted
        and offers.decided_at is not null
),

answers as (
    select
        *,
        {{ month_start(reporting_date('answered_at')) }} as answered_month
    from {{ ref('stg_csv__surveys') }}
    where
        not is_deleted
        and score is not null
),

scores as (
    select
        *,
        {{ month_start(reporting_date('scored_at')) }} as scored_month
    from {{ ref('stg_csv__scorecards') }}
    where
        not is_deleted
        and score is not null
),

members as (
    select * from {{ ref('stg_csv__team_members') }}
    where not is_deleted
),

terminations as (
    select
        *,
        {{ month_start('termination_date') }} as month_start
    from {{ ref('stg_csv__terminations') }}
    where not is_deleted
),

improvement_plans as (
    select * from {{ ref('stg_csv__pips') }}
    where not is_deleted
),

headcounts as (
    select * from {{ ref('int_people__headcounts') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'applications_inbound' as metric_code,
        applied_month as month_start,
        applied_week as week_start,
        department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        1 as numerator,
        cast(null as numeric) as denominator
    from applications
    where applicant_source = 'inbound'

    union all

    select
        'interviews_per_applicant' as metric_code,
        applied_month as month_start,
        cast(null as date) as week_start,
        department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        interviews as numerator,
        1 as denominator
    from applications

    union all

    select
        'interviews_per_hire' as metric_code,
        applied_month as month_start,
        cast(null as date) as week_start,
        department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        interviews as numerator,
        case when accepted_date is not null then 1 else 0 end as denominator
    from applications

    union all

    select
        'offers_accepted' as metric_code,
        accepted_month as month_start,
        cast(null as date) as week_start,
        department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        1 as numerator,
        cast(null as numeric) as denominator
    from applications
    where accepted_date is not null

    union all

    select
        'accepted_start_rate' as metric_code,
        accepted_month as month_start,
        cast(null as date) as week_start,
        department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        case when has_started then 1 else 0 end as numerator,
        1 as denominator
    from applications
    where accepted_date is not null

    union all

    select
        'offer_accept_rate' as metric_code,
        decided_month as month_start,
        cast(null as date) as week_start,
        department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        case when decision = 'accepted' then 1 else 0 end as numerator,
        1 as denominator
    from offers
    where decision in ('accepted', 'declined')

    union all

    select
        case survey_type
            when 'employee' then 'employee_nps'
            else 'declined_applicant_nps'
        end as metric_code,
        answered_month as month_start,
        cast(null as date) as week_start,
        cast(null as text) as department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        case when score >= 9 then 100 when score <= 6 then -100 else 0 end as numerator,
        1 as denominator
    from answers
    where survey_type in ('employee', 'declined_applicant')

    union all

    select
        'applicant_score' as metric_code,
        scored_month as month_start,
        cast(null as date) as week_start,
        cast(null as text) as department,
        criterion,
        criterion_kind,
        cast(null as text) as termination_type,
        score as numerator,
        1 as denominator
    from scores

    union all

    select
        'hires_started' as metric_code,
        {{ month_start('start_date') }} as month_start,
        cast(null as date) as week_start,
        coalesce(department, {{ unknown_member() }}) as department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        cast(null as text) as termination_type,
        1 as numerator,
        cast(null as numeric) as denominator
    from members
    where
        applicant_id is not null
        and start_date is not null

    union all

    select
        'terminations' as metric_code,
        month_start,
        cast(null as date) as week_start,
        cast(null as text) as department,
        cast(null as text) as criterion,
        cast(null as text) as criterion_kind,
        coalesce(termination_type, {{ unknown_member() }}) as termination_type,
        1 as numerator,
        cast(null as numeric) as denominator
    from terminations
),

{{ roll_up(
    'measures', ['total', 'department', 'criterion', 'criterion_kind', 'termination_type'], periods='periods'
) }},

weekly_measures as (
    select * from measures
    where week_start is not null
),

{{ roll_up_weeks('weekly_measures', ['total', 'department']) }},

months as (
    select
        month_start,
        month_end,
        sum(headcount) as headcount
    from headcounts
    group by 1, 2
),

leavers as (
    select
        month_start,
        count(*) as leavers
    from terminations
    group by 1
),

on_plan as (
    select
        months.month_start,
        count(*) as members
    from months
    inner join improvement_plans as plans
        on months.month_end >= plans.start_date
        and months.month_end < coalesce(plans.end_date, date '9999-12-31')
    group by 1
),

readings as (
    select
        'headcount' as metric_code,
        'month' as period_type,
        month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        headcount as numerator,
        1 as denominator,
        cast(null as text) as quality_note
    from months

    union all

    select
        'headcount' as metric_code,
        'month' as period_type,
        month_start as period_start,
        'department' as dimension_type,
        department as dimension_id,
        headcount as numerator,
        1 as denominator,
        cast(null as text) as quality_note
    from headcounts

    union all

    select
        'termination_rate' as metric_code,
        'month' as period_type,
        months.month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        12 * coalesce(leavers.leavers, 0) as numerator,
        months.headcount as denominator,
        case when months.headcount < {{ fewest_people() }} then 'suppressed' end as quality_note
    from months
    left join leavers
        on months.month_start = leavers.month_start

    union all

    select
        'improvement_plan_share' as metric_code,
        'month' as period_type,
        months.month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        coalesce(on_plan.members, 0) as numerator,
        months.headcount as denominator,
        case when months.headcount < {{ fewest_people() }} then 'suppressed' end as quality_note
    from months
    left join on_plan
        on months.month_start = on_plan.month_start
),

{{ stock_rows('readings') }},

summed as (
    select
        *,
        case
            when
                metric_code in ('employee_nps', 'declined_applicant_nps', 'applicant_score')
                and denominator < {{ fewest_people() }}
                then 'suppressed'
        end as quality_note
    from rolled_up
),

final as (
    {{ figures_of('summed', note='quality_note', value='case when quality_note is null then value end') }}

    union all

    {{ figures_of('by_week', note='cast(null as text)') }}

    union all

    {{ figures_of('stocks', note='quality_note') }}
)

select * from final
