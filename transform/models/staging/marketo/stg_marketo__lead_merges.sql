with source as (
    {{ source_or_empty(
        'marketo', 'activities_merge_leads', key='activity_id',
        columns=[
            ('marketoGUID', 'text', 'activity_id'),
            ('leadId', 'text', 'surviving_lead_id'),
            ('merge_ids', 'text', 'merge_ids'),
            ('activityDate', 'timestamp', 'merged_at'),
        ]
    ) }}
),

final as (
    select distinct
        source.activity_id,
        merged.lead_id as merged_lead_id,
        source.surviving_lead_id,
        source.merged_at,
        source.is_deleted,
        source.loaded_at
    from source
    cross join lateral {{ numbers_in('source.merge_ids') }} as merged (lead_id)
    where source.is_latest_version
)

select * from final
