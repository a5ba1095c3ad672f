with rates as (
    select * from {{ ref('int_fx__rates') }}
),

final as (
    select
        currency as from_currency,
        '{{ var("reporting_currency") }}' as to_currency,
        rate_kind,
        exchange_rate,
        valid_from,
        valid_until
    from rates
)

select * from final
