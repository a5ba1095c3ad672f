-- The metrics this company can have: what needs a source that is not there is none of them.
with definitions as (
    select * from {{ ref('metric_definitions') }}
),

missing_sources as (
    select distinct source_name
    from {{ ref('int_sources__objects') }}
    where
        not is_configured
        and source_name <> 'salesforce'
),

final as (
    select definitions.*
    from definitions
    left join missing_sources
        on ',' || definitions.sources || ',' like '%,' || missing_sources.source_name || ',%'
    where missing_sources.source_name is null
)

select * from final
