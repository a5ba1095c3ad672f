-- What a unit of a currency is worth in the reporting currency, and from when until when.
with rates as (
    select * from {{ ref('stg_csv__fx_rates') }}
    where
        not is_deleted
        and exchange_rate > 0
),

-- A rate told the other way round counts where there is none told straight.
told as (
    select
        from_currency as currency,
        rate_kind,
        exchange_rate,
        rate_date,
        0 as preference
    from rates
    where to_currency = '{{ var("reporting_currency") }}'

    union all

    select
        to_currency as currency,
        rate_kind,
        1 / exchange_rate as exchange_rate,
        rate_date,
        1 as preference
    from rates
    where from_currency = '{{ var("reporting_currency") }}'
),

preferred as (
    select
        *,
        row_number() over (partition by currency, rate_kind, rate_date order by preference) as preference_rank
    from told
),

followed as (
    select
        *,
        lead(rate_date) over (partition by currency, rate_kind order by rate_date) as next_rate_date
    from preferred
    where preference_rank = 1
),

-- The rate of a day counts until the next one, but no longer than the days it may be old.
final as (
    select
        currency,
        rate_kind,
        exchange_rate,
        case
            when rate_kind = 'monthly_average' then {{ month_start('rate_date') }}
            else rate_date
        end as valid_from,
        case
            when rate_kind = 'monthly_average' then {{ add_months(month_start('rate_date'), 1) }}
            when rate_kind = 'plan' then coalesce(next_rate_date, date '9999-12-31')
            else least(next_rate_date, {{ add_days('rate_date', var('fx_stale_days') + 1) }})
        end as valid_until
    from followed
)

select * from final
