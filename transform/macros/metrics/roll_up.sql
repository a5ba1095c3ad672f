{#-
    CTEs that turn measures into metric values: `measures` has metric_code, month_start, one
    column per dimension, numerator and denominator. Ends with the CTE `rolled_up`: one row per
    metric, period, dimension and its value. A null in a dimension's column keeps the measure
    out of that dimension. A metric that is a sum leaves its denominators null and gets 1.
-#}
{% macro roll_up(measures, dimensions, periods) -%}
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
            sum(numerator) as numerator,
            sum(denominator) as denominator
        from {{ measures }}
        {%- if dimension != 'total' %}
        where {{ dimension }} is not null
        {%- endif %}
        group by 1, 2, 3, 4
        {%- endfor %}
    ),

    by_period as (
        select
            by_dimension.metric_code,
            period.period_type,
            period.period_start,
            by_dimension.dimension_type,
            by_dimension.dimension_id,
            sum(by_dimension.numerator) as numerator,
            coalesce(sum(by_dimension.denominator), 1) as denominator
        from by_dimension
        inner join {{ periods }} as period
            on by_dimension.month_start = period.month_start
        group by 1, 2, 3, 4, 5
    ),

    rolled_up as (
        select
            *,
            {{ divided('numerator', 'denominator') }} as value
        from by_period
    )
{%- endmacro %}
