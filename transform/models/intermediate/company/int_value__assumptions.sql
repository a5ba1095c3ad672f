-- What the worth of a customer is reckoned with: gross margin, and how long customers stay.
with books as (
    select * from {{ ref('stg_csv__finance_monthly') }}
    where not is_deleted
),

renewals as (
    select * from {{ ref('int_metrics__arr_changes') }}
    where
        metric_code = 'renewal_rate_logo'
        and period_type = 'all'
        and dimension_type = 'total'
),

margins as (
    select sum(revenue - cogs) / nullif(sum(revenue), 0) as gross_margin from books
),

stays as (
    select max(numerator / nullif(denominator, 0)) as renewal_rate from renewals
),

final as (
    select
        margins.gross_margin,
        stays.renewal_rate,
        case
            when stays.renewal_rate < 1
                then least(1 / (1 - stays.renewal_rate), {{ var('max_lifetime_years') }})
            when stays.renewal_rate is not null then {{ var('max_lifetime_years') }}
        end as lifetime_years
    from margins
    cross join stays
)

select * from final
