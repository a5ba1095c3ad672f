-- How content is used, and what became of the orders of those who used it.
with uses as (
    select * from {{ ref('int_content__uses') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        (is_won or is_lost)
        and order_type <> 'refund'
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

-- The days on which each organization first used any content, and each piece.
first_uses as (
    select
        customer_account_id,
        content_name,
        content_name as content_key,
        min(used_date) as first_used_date
    from uses
    where customer_account_id is not null
    group by customer_account_id, content_name

    union all

    select
        customer_account_id,
        cast(null as text) as content_name,
        'any' as content_key,
        min(used_date) as first_used_date
    from uses
    where customer_account_id is not null
    group by customer_account_id
),

contents as (
    select
        cast(null as text) as content_name,
        'any' as content_key

    union all

    -- What was used before some order was decided.
    select distinct
        first_uses.content_name,
        first_uses.content_key
    from first_uses
    inner join opportunities
        on first_uses.customer_account_id = opportunities.customer_account_id
        and first_uses.first_used_date <= opportunities.close_date
    where first_uses.content_name is not null
),

influenced as (
    select
        {{ month_start('opportunities.close_date') }} as month_start,
        contents.content_name,
        opportunities.is_won,
        first_uses.customer_account_id is not null as is_used
    from opportunities
    cross join contents
    left join first_uses
        on opportunities.customer_account_id = first_uses.customer_account_id
        and opportunities.close_date >= first_uses.first_used_date
        and contents.content_key = first_uses.content_key
),

measures as (
    select
        'collateral_uses' as metric_code,
        {{ month_start('used_date') }} as month_start,
        'all' as all_content,
        content_name as content,
        usage_type,
        campaign_id as campaign,
        1 as numerator,
        cast(null as integer) as denominator
    from uses

    union all

    select
        'collateral_influence_rate' as metric_code,
        month_start,
        case when content_name is null then 'all' end as all_content,
        content_name as content,
        cast(null as text) as usage_type,
        cast(null as text) as campaign,
        case when is_used then 1 else 0 end as numerator,
        1 as denominator
    from influenced

    union all

    select
        case when is_used then 'collateral_win_rate_with' else 'collateral_win_rate_without' end as metric_code,
        month_start,
        case when content_name is null then 'all' end as all_content,
        content_name as content,
        cast(null as text) as usage_type,
        cast(null as text) as campaign,
        case when is_won then 1 else 0 end as numerator,
        1 as denominator
    from influenced
),

{{ roll_up('measures', ['all_content', 'content', 'usage_type', 'campaign'], periods='periods') }},

users as (
    select
        'collateral_people' as metric_code,
        {{ month_start('used_date') }} as month_start,
        content_name,
        person_key as user_key
    from uses

    union all

    select
        'collateral_organizations' as metric_code,
        {{ month_start('used_date') }} as month_start,
        content_name,
        customer_account_id as user_key
    from uses
    where customer_account_id is not null
),

readings as (
    {%- for period_type, period_start in {'month': 'month_start', 'all': "date '1970-01-01'"}.items() %}
    {%- for dimension_type, dimension_id in {'total': "'all'", 'content': 'content_name'}.items() %}
    select
        metric_code,
        '{{ period_type }}' as period_type,
        {{ period_start }} as period_start,
        '{{ dimension_type }}' as dimension_type,
        {{ dimension_id }} as dimension_id,
        count(distinct user_key) as numerator,
        1 as denominator,
        cast(null as text) as quality_note
    from users
    group by
        metric_code
        {%- if period_type == 'month' %}, month_start{% endif %}
        {%- if dimension_type == 'content' %}, content_name{% endif %}

    union all
    {% endfor %}
    {%- endfor %}
    select
        'collateral_unused_share' as metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        count(
            case
                when last_used.used_date <= {{ add_days('as_of.as_of_date', '-' ~ var('content_unused_days')) }} then 1
            end
        ) as numerator,
        count(*) as denominator,
        cast(null as text) as quality_note
    from (
        select
            content_name,
            max(used_date) as used_date
        from uses
        group by content_name
    ) as last_used
    cross join as_of
    having count(*) > 0
),

{{ stock_rows('readings', latest=false) }},

final as (
    select
        metric_code,
        period_type,
        period_start,
        case when dimension_type = 'all_content' then 'total' else dimension_type end as dimension_type,
        dimension_id,
        numerator,
        denominator,
        value
    from rolled_up

    union all

    {{ figures_of('stocks') }}
)

select * from final
