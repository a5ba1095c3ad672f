{%- set objects = {
    'Account': ref('stg_salesforce__accounts'),
    'Campaign': ref('stg_salesforce__campaigns'),
    'CampaignMember': ref('stg_salesforce__campaign_members'),
    'Contact': ref('stg_salesforce__contacts'),
    'Lead': ref('stg_salesforce__leads'),
    'Opportunity': ref('stg_salesforce__opportunities'),
    'OpportunityContactRole': ref('stg_salesforce__opportunity_contact_roles'),
    'OpportunityHistory': ref('stg_salesforce__opportunity_histories'),
    'OpportunityStage': ref('stg_salesforce__opportunity_stages'),
    'User': ref('stg_salesforce__users'),
} -%}
{%- set sources = var('bizops_sources') -%}
with objects as (
    {%- for name, relation in objects.items() %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        'salesforce' as source_name,
        '{{ name }}' as object_name,
        count(*) as row_count,
        count(case when is_deleted then 1 end) as deleted_count,
        max(loaded_at) as last_loaded_at
    from {{ relation }}
    {%- endfor %}
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
        {%- if sources is none %}
        sum(objects.row_count) over (partition by objects.source_name) > 0 as is_configured,
        {%- else %}
        objects.source_name in (
            {%- for source in sources %}'{{ source | replace('tap-', '') | replace("'", '') }}', {% endfor -%} ''
        ) as is_configured,
        {%- endif %}
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
