-- How much there is of each raw table that models read, and whether its source is in use.
{%- set sources = var('bizops_sources') %}
{%- set taps = {'tap-facebook-ads': 'facebook', 'facebook_ads': 'facebook'} %}
with objects as (
    {%- for staged in staged_objects() %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        '{{ staged.source }}' as source_name,
        '{{ staged.object }}' as object_name,
        count(*) as row_count,
        count(case when is_deleted then 1 end) as deleted_count,
        max(loaded_at) as last_loaded_at
    from {{ staged.relation }}
    {%- endfor %}
),

final as (
    select
        source_name,
        object_name,
        row_count,
        deleted_count,
        {%- if sources is none %}
        sum(row_count) over (partition by source_name) > 0 as is_configured,
        {%- else %}
        source_name in (
            {%- for source in sources %}'{{ taps.get(source, source) | replace('tap-', '') | replace("'", '') }}', {% endfor -%} ''
        ) as is_configured,
        {%- endif %}
        last_loaded_at
    from objects
)

select * from final
