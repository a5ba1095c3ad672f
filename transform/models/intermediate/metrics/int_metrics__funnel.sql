with leads as (
    select * from {{ ref('int_leads__funnel') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'leads' as metric_code,
        {{ month_start('created_date') }} as month_start,
        channel,
        1 as numerator,
        cast(null as numeric) as denominator
    from leads

    union all

    select
        'mql' as metric_code,
        {{ month_start('mql_date') }} as month_start,
        channel,
        1 as numerator,
        cast(null as numeric) as denominator
    from leads
    where mql_date is not null

    union all

    select
        'sql' as metric_code,
        {{ month_start('accepted_date') }} as month_start,
        channel,
        1 as numerator,
        cast(null as numeric) as denominator
    from leads
    where accepted_date is not null

    union all

    select
        'lead_to_mql_rate' as metric_code,
        {{ month_start('cohort_date') }} as month_start,
        channel,
        case when mql_date is not null then 1 else 0 end as numerator,
        1 as denominator
    from leads

    union all

    select
        'mql_to_sql_rate' as metric_code,
        {{ month_start('cohort_date') }} as month_start,
        channel,
        case when accepted_date is not null then 1 else 0 end as numerator,
        1 as denominator
    from leads
    where mql_date is not null

    union all

    select
        'sql_to_won_rate' as metric_code,
        {{ month_start('cohort_date') }} as month_start,
        channel,
        case when is_won then 1 else 0 end as numerator,
        1 as denominator
    from leads
    where accepted_date is not null
),

{{ roll_up('measures', ['total', 'channel'], periods='periods') }}

select * from rolled_up
