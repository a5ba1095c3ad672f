{#- The day of an instant, in the time zone of the reports. PostgreSQL only. -#}
{% macro reporting_date(instant) -%}
    cast({{ instant }} at time zone '{{ var("reporting_timezone") }}' as date)
{%- endmacro %}


{#- Midnight, in the time zone of the reports, of a day. PostgreSQL only. -#}
{% macro start_of_day(day) -%}
    cast({{ day }} as timestamp) at time zone '{{ var("reporting_timezone") }}'
{%- endmacro %}


{% macro month_start(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}


{#- The Monday of the week of a day. -#}
{% macro week_start(day) -%}
    cast({{ dbt.date_trunc('week', day) }} as date)
{%- endmacro %}


{#- Monday to Sunday. PostgreSQL only. -#}
{% macro day_name(day) -%}
    trim(to_char({{ day }}, 'Day'))
{%- endmacro %}


{% macro add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}


{% macro add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}


{#- How many months before the month of a day its fiscal year began. -#}
{% macro fiscal_month_offset(day) -%}
    cast((extract(month from {{ day }}) - {{ var('fiscal_year_start_month') }} + 12) % 12 as integer)
{%- endmacro %}


{#- A relation with one row per day or month, column `day`. PostgreSQL only. -#}
{% macro series(first_day, last_day, step) -%}
    (
        select cast(step as date) as day
        from generate_series(
            cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 {{ step }}'
        ) as step
    )
{%- endmacro %}
