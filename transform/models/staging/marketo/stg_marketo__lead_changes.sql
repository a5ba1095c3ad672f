{%- set changes = {'data_value': 'activities_change_data_value', 'score': 'activities_change_score'} -%}

with {% for change_type, stream in changes.items() %}
{{ change_type }}s as (
    {{ source_or_empty(
        'marketo', stream, key='activity_id',
        columns=[
            ('marketoGUID', 'text', 'activity_id'),
            ('leadId', 'text', 'lead_id'),
            ('primary_attribute_value', 'text', 'attribute_name'),
            ('old_value', 'text', 'old_value'),
            ('new_value', 'text', 'new_value'),
            ('reason', 'text', 'reason'),
            ('activityDate', 'timestamp', 'activity_at'),
        ]
    ) }}
),

{% endfor -%}
final as (
    {%- for change_type in changes %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        activity_id,
        lead_id,
        '{{ change_type }}' as change_type,
        attribute_name,
        old_value,
        new_value,
        reason,
        activity_at as changed_at,
        is_deleted,
        loaded_at
    from {{ change_type }}s
    where is_latest_version
    {%- endfor %}
)

select * from final
