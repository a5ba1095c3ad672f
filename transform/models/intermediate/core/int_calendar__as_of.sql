with objects as (
    select * from {{ ref('int_sources__objects') }}
),

latest as (
    select {{ reporting_date('max(last_loaded_at)') }} as loaded_date from objects
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
