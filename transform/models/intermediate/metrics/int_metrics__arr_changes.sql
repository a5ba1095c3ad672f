-- What moves ARR: movements by month, renewals by the day a term ends, rises to a higher tier.
with movements as (
    select * from {{ ref('int_arr__months') }}
    where movement <> 'none'
),

terms as (
    select terms.*
    from {{ ref('int_subscriptions__terms') }} as terms
    cross join {{ ref('int_calendar__as_of') }} as as_of
    where
        not terms.is_cancelled
        and terms.term_end_date <= as_of.as_of_date
        and (
            terms.is_renewed
            or {{ add_days('terms.term_end_date', var('renewal_grace_days')) }} <= as_of.as_of_date
        )
),

rises as (
    select charges.*
    from {{ ref('int_charges__sequenced') }} as charges
    cross join {{ ref('int_calendar__as_of') }} as as_of
    where
        charges.tier_rank > charges.tier_rank_before
        and charges.start_date <= as_of.as_of_date
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'arr_' || movement as metric_code,
        month_start,
        segment,
        cast(null as text) as product,
        cast(null as text) as tier_change,
        arr_delta as numerator,
        cast(null as numeric) as denominator
    from movements

    union all

    select
        'renewal_rate_net' as metric_code,
        {{ month_start('term_end_date') }} as month_start,
        segment,
        product_code as product,
        cast(null as text) as tier_change,
        arr_renewed as numerator,
        arr_up_for_renewal as denominator
    from terms

    union all

    select
        'renewal_rate_gross' as metric_code,
        {{ month_start('term_end_date') }} as month_start,
        segment,
        product_code as product,
        cast(null as text) as tier_change,
        least(arr_renewed, arr_up_for_renewal) as numerator,
        arr_up_for_renewal as denominator
    from terms

    union all

    select
        'renewal_rate_logo' as metric_code,
        {{ month_start('term_end_date') }} as month_start,
        segment,
        product_code as product,
        cast(null as text) as tier_change,
        case when is_renewed then 1 else 0 end as numerator,
        1 as denominator
    from terms

    union all

    select
        'tier_rises' as metric_code,
        {{ month_start('start_date') }} as month_start,
        cast(null as text) as segment,
        cast(null as text) as product,
        product_before || '>' || product_code as tier_change,
        1 as numerator,
        cast(null as numeric) as denominator
    from rises

    union all

    select
        'tier_rise_arr' as metric_code,
        {{ month_start('start_date') }} as month_start,
        cast(null as text) as segment,
        cast(null as text) as product,
        product_before || '>' || product_code as tier_change,
        arr - arr_before as numerator,
        cast(null as numeric) as denominator
    from rises
),

{{ roll_up('measures', ['total', 'segment', 'product', 'tier_change'], periods='periods') }}

select * from rolled_up
