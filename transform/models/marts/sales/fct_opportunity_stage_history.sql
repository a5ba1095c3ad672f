with histories as (
    select * from {{ ref('stg_salesforce__opportunity_histories') }}
    where
        not is_deleted
        and opportunity_id is not null
),

opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

-- History also has a row for each change of amount or close date: only changes of stage count.
changes as (
    select
        *,
        lag(stage_name) over (
            partition by opportunity_id
            order by created_at, {{ bytewise('opportunity_history_id') }}
        ) as previous_stage_name
    from histories
),

entries as (
    select
        changes.opportunity_history_id,
        changes.opportunity_id,
        coalesce(stages.stage_name, {{ unknown_member() }}) as stage_name,
        stages.stage_order,
        previous_stage.stage_order as previous_stage_order,
        coalesce(stages.is_open, false) and not coalesce(previous_stage.is_open, true) as is_reopened,
        coalesce(stages.is_open, false) as is_open,
        changes.amount,
        changes.close_date,
        changes.created_at as entered_at,
        lead(changes.created_at) over entries_in_order as left_at,
        row_number() over entries_in_order as entry_number
    from changes
    left join stages
        on changes.stage_name = stages.stage_name
    left join stages as previous_stage
        on changes.previous_stage_name = previous_stage.stage_name
    where
        changes.previous_stage_name is null
        or changes.previous_stage_name <> changes.stage_name
    window entries_in_order as (
        partition by changes.opportunity_id
        order by changes.created_at, {{ bytewise('changes.opportunity_history_id') }}
    )
),

final as (
    select
        entries.opportunity_history_id as stage_entry_id,
        entries.opportunity_id,
        entries.stage_name,
        cast(entries.entry_number as integer) as entry_number,
        entries.amount as amount_at_entry,
        {{ dbt.datediff(
            reporting_date('entries.entered_at'),
            'case when entries.left_at is not null then ' ~ reporting_date('entries.left_at')
            ~ ' when entries.is_open then as_of.as_of_date end',
            'day'
        ) }} as days_in_stage,
        coalesce(entries.stage_order < entries.previous_stage_order, false) as is_backward,
        entries.is_reopened,
        entries.close_date as close_date_at_entry,
        entries.entered_at,
        entries.left_at
    from entries
    inner join opportunities
        on entries.opportunity_id = opportunities.opportunity_id
    cross join as_of
)

select * from final
