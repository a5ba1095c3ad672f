{#-
    CTEs that estimate, per group, the time by which half of the eventual converters have
    converted, with everyone who has not converted yet counted as censored (Kaplan-Meier).
    `subjects` has the columns of `group_by`, duration_days and is_event. Ends with the CTE
    `medians`, one row per group:

    subjects            how many there are
    events              how many of them converted by the end of the curve
    plateau             share converted at the end of the curve: the last time, not beyond
                        `horizon_days`, at which at least `min_at_risk` are at risk
    median_days         first time by which half of the plateau has converted
    km_median_days      first time by which half of all have converted (null: not reached)
    naive_median_days   middle of those who converted (PostgreSQL only: percentile_cont)

    At equal times conversions come before censorings. The estimate of survival is a product,
    summed as logarithms; at a time when everyone left converts it is zero from then on.
-#}
{% macro kaplan_meier(subjects, group_by, min_at_risk, horizon_days) -%}
    {%- set group_columns = group_by | join(', ') -%}
    departures as (
        select
            {{ group_columns }},
            duration_days,
            count(*) as leaving,
            count(case when is_event then 1 end) as events
        from {{ subjects }}
        group by {{ group_columns }}, duration_days
    ),

    at_risk as (
        select
            *,
            sum(leaving) over (
                partition by {{ group_columns }} order by duration_days desc
            ) as at_risk
        from departures
    ),

    curve as (
        select
            *,
            1 - case when {{ dbt.bool_or('events = at_risk') }} over so_far then 0 else 1 end * exp(
                sum(case when events < at_risk then ln(1 - cast(events as double precision) / at_risk) else 0 end)
                    over so_far
            ) as share_converted,
            max(
                case
                    when at_risk >= {{ min_at_risk }} and duration_days <= {{ horizon_days }}
                        then duration_days
                end
            ) over (partition by {{ group_columns }}) as curve_end
        from at_risk
        window so_far as (partition by {{ group_columns }} order by duration_days)
    ),

    measured_curve as (
        select
            *,
            max(case when events > 0 and duration_days <= curve_end then share_converted end)
                over (partition by {{ group_columns }}) as plateau
        from curve
    ),

    naive as (
        select
            {{ group_columns }},
            percentile_cont(0.5) within group (order by duration_days) as naive_median_days
        from {{ subjects }}
        where is_event
        group by {{ group_columns }}
    ),

    estimates as (
        select
            {{ group_columns }},
            sum(leaving) as subjects,
            sum(case when duration_days <= curve_end then events else 0 end) as events,
            max(plateau) as plateau,
            min(
                case
                    when events > 0 and duration_days <= curve_end and share_converted >= plateau / 2 - 1e-9
                        then duration_days
                end
            ) as median_days,
            min(case when events > 0 and share_converted >= 0.5 - 1e-9 then duration_days end) as km_median_days
        from measured_curve
        group by {{ group_columns }}
    ),

    medians as (
        select
            estimates.*,
            naive.naive_median_days
        from estimates
        left join naive
            on {% for column in group_by %}
            estimates.{{ column }} = naive.{{ column }}{{ ' and ' if not loop.last }}
            {%- endfor %}
    )
{%- endmacro %}
