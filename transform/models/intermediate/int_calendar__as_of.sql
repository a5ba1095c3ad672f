{%- set loaded = [
    ref('stg_salesforce__accounts'),
    ref('stg_salesforce__campaign_members'),
    ref('stg_salesforce__campaigns'),
    ref('stg_salesforce__contacts'),
    ref('stg_salesforce__leads'),
    ref('stg_salesforce__opportunities'),
    ref('stg_salesforce__opportunity_contact_roles'),
    ref('stg_salesforce__opportunity_histories'),
    ref('stg_salesforce__opportunity_stages'),
    ref('stg_salesforce__users'),
] -%}
with loads as (
    {%- for relation in loaded %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select max(loaded_at) as loaded_at from {{ relation }}
    {%- endfor %}
),

latest as (
    select {{ reporting_date('max(loaded_at)') }} as loaded_date from loads
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
