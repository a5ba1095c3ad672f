with bookings as (
    select * from {{ ref('int_arr__bookings') }}
),

final as (
    select
        booked,
        timing,
        valuation,
        unbooked,
        arr_delta,
        month_start
    from bookings
)

select * from final
