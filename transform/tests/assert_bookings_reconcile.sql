-- Bookings and the items that part them from ARR sum to its change.
select *
from {{ ref('rpt_bookings_vs_arr') }}
where abs(booked + timing + valuation + unbooked - arr_delta) > 0.01
