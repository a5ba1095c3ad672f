{#- Topics that say themselves, in quality_note, why a value lacks or what to mind. -#}
{%- set noting_topics = ['attribution', 'finance', 'people', 'plan', 'value'] -%}
with definitions as (
    select * from {{ ref('int_metrics__defined') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

period_ends as (
    select distinct
        period_type,
        period_start,
        period_end
    from {{ ref('int_calendar__periods') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

figures as (
    {%- for topic in [
        'sales', 'deals', 'stages', 'marketing', 'funnel', 'journeys', 'conversion_times',
        'arr', 'arr_changes', 'cash', 'costs', 'spend', 'collateral',
        'expenses', 'web', 'hiring', 'experiments',
        'arr_effects', 'new_features', 'usage', 'adoption', 'adoption_times', 'engineering', 'merge_times',
    ] + noting_topics %}
    {%- if not loop.first %}

    union all
    {% endif %}
    {{ figures_of(
        ref('int_metrics__' ~ topic),
        note='quality_note' if topic in noting_topics else 'cast(null as text)'
    ) }}
    {%- endfor %}
),

present as (
    select distinct metric_code from figures
),

-- A metric without any fact still says so, in one row.
absent as (
    select
        definitions.metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        0 as numerator,
        case when definitions.kind = 'sum' then 1 else 0 end as denominator,
        case when definitions.kind = 'sum' then 0 end as value,
        'no_data' as quality_note
    from definitions
    left join present
        on definitions.metric_code = present.metric_code
    where present.metric_code is null
),

noted as (
    select
        figures.metric_code,
        figures.period_type,
        figures.period_start,
        figures.dimension_type,
        figures.dimension_id,
        figures.numerator,
        figures.denominator,
        figures.value,
        case
            when figures.quality_note is not null then figures.quality_note
            when figures.value is not null then null
            when definitions.kind = 'median' then 'too_few'
            else 'no_denominator'
        end as quality_note
    from figures
    inner join definitions
        on figures.metric_code = definitions.metric_code

    union all

    select * from absent
),

final as (
    select
        noted.metric_code,
        noted.period_type,
        noted.dimension_type,
        noted.dimension_id,
        case
            when noted.dimension_type = 'campaign' then campaigns.campaign_name
            else noted.dimension_id
        end as dimension_name,
        cast(noted.numerator as numeric) as numerator,
        cast(noted.denominator as numeric) as denominator,
        cast(noted.value as numeric) as value,
        noted.quality_note,
        definitions.sources,
        coalesce(
            {{ add_days(
                "case when noted.period_type = 'week' then " ~ add_days('noted.period_start', 6)
                ~ ' else period_ends.period_end end',
                "case when definitions.kind = 'median' then " ~ var('conversion_horizon_days') ~ ' else 0 end'
            ) }} <= as_of.as_of_date,
            false
        ) as is_mature,
        noted.period_start,
        as_of.as_of_date
    from noted
    inner join definitions
        on noted.metric_code = definitions.metric_code
    left join period_ends
        on noted.period_type = period_ends.period_type
        and noted.period_start = period_ends.period_start
    left join campaigns
        on noted.dimension_type = 'campaign'
        and noted.dimension_id = campaigns.sfdc_campaign_id
    cross join as_of
)

select * from final
