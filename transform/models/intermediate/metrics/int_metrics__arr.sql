-- ARR and its retention: readings at the end of periods that have ended, and now.
with charges as (
    select * from {{ ref('int_charges__recurring') }}
    where arr is not null
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

ended as (
    select distinct
        periods.period_type,
        periods.period_start,
        periods.period_end as reading_date
    from {{ ref('int_calendar__periods') }} as periods
    cross join as_of
    where periods.period_end <= as_of.as_of_date
),

first_charges as (
    select min(start_date) as start_date from charges
),

readings as (
    select
        ended.period_type,
        ended.period_start,
        ended.reading_date
    from ended
    inner join first_charges
        on ended.reading_date >= first_charges.start_date

    union all

    select
        'all' as period_type,
        date '1970-01-01' as period_start,
        as_of_date as reading_date
    from as_of
),

in_force as (
    select
        readings.period_type,
        readings.period_start,
        charges.segment,
        charges.product_code as product,
        charges.arr
    from readings
    inner join charges
        on {{ in_force('charges', 'readings.reading_date') }}
),

by_dimension as (
    {%- for dimension in ['total', 'segment', 'product'] %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        period_type,
        period_start,
        '{{ dimension }}' as dimension_type,
        {{ "'all'" if dimension == 'total' else dimension }} as dimension_id,
        sum(arr) as arr
    from in_force
    group by 1, 2, 3, 4
    {%- endfor %}
),

-- A year before the end of a month is the end of a month.
anniversaries as (
    select
        period_type,
        period_start,
        reading_date,
        {{ add_days(add_months(add_days('reading_date', 1), -12), -1) }} as year_before
    from readings
    where period_type in ('month', 'all')
),

then_and_now as (
    select
        anniversaries.period_type,
        anniversaries.period_start,
        charges.organization_key,
        sum(
            case
                when {{ in_force('charges', 'anniversaries.year_before') }} then charges.arr
                else 0
            end
        ) as arr_then,
        sum(
            case
                when {{ in_force('charges', 'anniversaries.reading_date') }} then charges.arr
                else 0
            end
        ) as arr_now
    from anniversaries
    cross join charges
    group by 1, 2, 3
),

retained as (
    select
        period_type,
        period_start,
        sum(arr_now) as net,
        sum(least(arr_now, arr_then)) as gross,
        sum(arr_then) as arr_then
    from then_and_now
    where arr_then > 0
    group by 1, 2
),

final as (
    select
        'arr' as metric_code,
        period_type,
        period_start,
        dimension_type,
        dimension_id,
        arr as numerator,
        1 as denominator,
        arr as value
    from by_dimension

    union all

    select
        'retention_net' as metric_code,
        period_type,
        period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        net as numerator,
        arr_then as denominator,
        {{ divided('net', 'arr_then') }} as value
    from retained

    union all

    select
        'retention_gross' as metric_code,
        period_type,
        period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        gross as numerator,
        arr_then as denominator,
        {{ divided('gross', 'arr_then') }} as value
    from retained
)

select * from final
