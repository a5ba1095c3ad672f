{#-
    CTEs that turn subjects into the medians of a metric: `timed` has metric_code, month_start, one
    column per dimension, is_event and days (of those without an event: until the as-of date).
    Ends with the CTE `median_rows`, one row per metric, period, dimension and its value. The end
    on the very day of the start counts as half a day; an end before the start leaves the subject
    out. A null in a dimension's column keeps it out of that dimension; `total_where` says what
    counts in the total.
-#}
{% macro median_rows(timed, dimensions, periods, total_where='true') -%}
    measured as (
        select
            metric_code,
            month_start,
            {%- for dimension in dimensions if dimension != 'total' %}
            {{ dimension }},
            {%- endfor %}
            is_event,
            case when days = 0 then 0.5 else days end as duration_days
        from {{ timed }}
        where days >= 0
    ),

    by_dimension as (
        {%- for dimension in dimensions %}
        {%- if not loop.first %}

        union all
        {% endif %}
        select
            metric_code,
            month_start,
            '{{ dimension }}' as dimension_type,
            {{ "'all'" if dimension == 'total' else dimension }} as dimension_id,
            is_event,
            duration_days
        from measured
        where {{ total_where if dimension == 'total' else dimension ~ ' is not null' }}
        {%- endfor %}
    ),

    subjects as (
        select
            by_dimension.metric_code,
            period.period_type,
            period.period_start,
            by_dimension.dimension_type,
            by_dimension.dimension_id,
            by_dimension.is_event,
            by_dimension.duration_days
        from by_dimension
        inner join {{ periods }} as period
            on by_dimension.month_start = period.month_start
    ),

    {{ kaplan_meier(
        'subjects',
        group_by=['metric_code', 'period_type', 'period_start', 'dimension_type', 'dimension_id'],
        min_at_risk=var('km_min_at_risk'),
        horizon_days=var('conversion_horizon_days')
    ) }},

    median_rows as (
        select
            metric_code,
            period_type,
            period_start,
            dimension_type,
            dimension_id,
            events as numerator,
            subjects as denominator,
            median_days as value,
            {{ shown_number('plateau') }} as plateau,
            km_median_days,
            naive_median_days
        from medians
    )
{%- endmacro %}
