with books as (
    select * from {{ ref('stg_csv__finance_monthly') }}
    where not is_deleted
),

final as (
    select
        revenue,
        cogs,
        revenue - cogs as gross_profit,
        sm_expense,
        marketing_expense,
        program_spend,
        rd_expense,
        ga_expense,
        ebitda,
        net_income,
        operating_cash_flow,
        financing_cash_flow,
        cash_end,
        {{ month_start('month_start') }} as month_start
    from books
)

select * from final
