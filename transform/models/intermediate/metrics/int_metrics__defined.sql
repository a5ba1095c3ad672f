-- The metrics this company can have: what needs a source that is not there is none of them.
-- Those of Salesforce always are, to say that they have no data; but not where the accounts are
-- there and would be set against nothing.
with definitions as (
    select * from {{ ref('metric_definitions') }}
),

missing_sources as (
    select distinct source_name
    from {{ ref('int_sources__objects') }}
    where
        not is_configured
),

final as (
    select definitions.*
    from definitions
    left join missing_sources
        on ',' || definitions.sources || ',' like '%,' || missing_sources.source_name || ',%'
        and (missing_sources.source_name <> 'salesforce' or ',' || definitions.sources || ',' like '%,csv,%')
    where missing_sources.source_name is null
)

select * from final
