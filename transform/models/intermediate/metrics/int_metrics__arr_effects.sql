-- What movements of ARR are made of, and why bookings are not what ARR moved.
with movements as (
    select * from {{ ref('int_arr__months') }}
    where movement <> 'none'
),

bookings as (
    select * from {{ ref('int_arr__bookings') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    {%- for code, effect in [
        ('arr_seat_effect', 'seat_effect'), ('arr_price_effect', 'price_effect'), ('arr_tier_effect', 'tier_effect')
    ] %}
    select
        '{{ code }}' as metric_code,
        month_start,
        segment,
        {{ effect }} as numerator,
        cast(null as numeric) as denominator
    from movements
    where {{ effect }} <> 0

    union all
    {% endfor %}
    {%- for code, item in [
        ('bookings_to_arr_timing', 'timing'), ('bookings_to_arr_valuation', 'valuation'),
        ('bookings_to_arr_unbooked', 'unbooked')
    ] %}
    select
        '{{ code }}' as metric_code,
        month_start,
        cast(null as text) as segment,
        {{ item }} as numerator,
        cast(null as numeric) as denominator
    from bookings
    where {{ item }} <> 0
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

{{ roll_up('measures', ['total', 'segment'], periods='periods') }}

select * from rolled_up
