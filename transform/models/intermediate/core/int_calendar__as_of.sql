-- The day the systems were read last; when files were says nothing about the company's present,
-- unless there is nothing but files.
with objects as (
    select * from {{ ref('int_sources__objects') }}
),

latest as (
    select
        coalesce(
            {{ reporting_date("max(case when source_name <> 'csv' then last_loaded_at end)") }},
            {{ reporting_date('max(last_loaded_at)') }}
        ) as loaded_date
    from objects
),

final as (
    {%- if var('as_of_date') %}
    select cast('{{ var("as_of_date") }}' as date) as as_of_date
    {%- else %}
    select loaded_date as as_of_date
    {%- endif %}
    from latest
)

select * from final
