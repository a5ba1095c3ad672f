with objects as (
    select * from {{ ref('int_sources__objects') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

final as (
    select
        objects.source_name,
        objects.object_name,
        objects.row_count,
        objects.deleted_count,
        objects.is_configured,
        case
            when objects.row_count = 0 then 'empty'
            when {{ reporting_date('objects.last_loaded_at') }} < {{ add_days('as_of.as_of_date', -2) }}
                then 'unchanged'
            else 'recent'
        end as freshness_state,
        as_of.as_of_date,
        objects.last_loaded_at
    from objects
    cross join as_of
)

select * from final
