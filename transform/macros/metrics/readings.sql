{#-
    CTEs that turn readings at a time into metric values: `readings` has metric_code, period_type,
    period_start, dimension_type, dimension_id, numerator, denominator and quality_note, which says
    why a reading has no value though there is something to divide by, and is null otherwise. With
    `latest`, the last reading of each metric and dimension stands for all days, too; without it
    the readings hold those of all days themselves. Ends with the CTE `stocks`.
-#}
{% macro stock_rows(readings, latest=true) -%}
    ranked_readings as (
        select
            *,
            row_number() over (
                partition by metric_code, dimension_type, dimension_id order by period_start desc
            ) as recency
        from {{ readings }}
    ),

    all_readings as (
        select
            metric_code,
            period_type,
            period_start,
            dimension_type,
            dimension_id,
            numerator,
            denominator,
            quality_note
        from ranked_readings
        {%- if latest %}

        union all

        select
            metric_code,
            'all' as period_type,
            date '1970-01-01' as period_start,
            dimension_type,
            dimension_id,
            numerator,
            denominator,
            quality_note
        from ranked_readings
        where recency = 1
        {%- endif %}
    ),

    stocks as (
        select
            *,
            case when quality_note is null then {{ divided('numerator', 'denominator') }} end as value
        from all_readings
    )
{%- endmacro %}


{#-
    CTEs that turn measures into weekly sums: `measures` is what `roll_up` takes, with the column
    week_start (a Monday) instead of month_start. Ends with the CTE `by_week`, whose columns are
    those of `rolled_up`.
-#}
{% macro roll_up_weeks(measures, dimensions) -%}
    by_week as (
        {%- for dimension in dimensions %}
        {%- if not loop.first %}

        union all
        {% endif %}
        select
            metric_code,
            'week' as period_type,
            week_start as period_start,
            '{{ dimension }}' as dimension_type,
            {{ "'all'" if dimension == 'total' else dimension }} as dimension_id,
            sum(numerator) as numerator,
            1 as denominator,
            sum(numerator) as value
        from {{ measures }}
        {%- if dimension != 'total' %}
        where {{ dimension }} is not null
        {%- endif %}
        group by 1, 2, 3, 4, 5
        {%- endfor %}
    )
{%- endmacro %}
