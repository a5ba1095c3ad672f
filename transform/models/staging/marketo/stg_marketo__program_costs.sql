with source as (
    {{ source_or_empty(
        'marketo', 'programs', key='program_id',
        columns=[
            ('id', 'text', 'program_id'),
            ('costs', 'json', 'costs'),
        ]
    ) }}
),

final as (
    select
        source.program_id,
        cast(entry.ordinality as integer) as cost_number,
        cast({{ json_text('entry.value', 'cost') }} as numeric) as cost,
        nullif({{ json_text('entry.value', 'note') }}, '') as note,
        cast({{ json_text('entry.value', 'startDate') }} as date) as cost_month,
        source.is_deleted,
        source.loaded_at
    from source
    cross join lateral {{ json_items('source.costs') }} with ordinality as entry
    where source.is_latest_version
)

select * from final
