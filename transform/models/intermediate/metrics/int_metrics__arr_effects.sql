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
    {%- for effect in ['seat', 'price', 'tier'] %}
    select
        'arr_{{ effect }}_effect' as metric_code,
        month_start,
        segment,
        {{ effect }}_effect as numerator,
        cast(null as numeric) as denominator
    from movements
    where {{ effect }}_effect <> 0

    union all
    {% endfor %}
    {%- for item in ['timing', 'valuation', 'unbooked'] %}
    select
        'bookings_to_arr_{{ item }}' as metric_code,
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
