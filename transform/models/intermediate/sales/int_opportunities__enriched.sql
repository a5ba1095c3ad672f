with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
    where not is_deleted
),

acceptances as (
    select * from {{ ref('int_opportunities__accepted') }}
),

accounts as (
    select * from {{ ref('int_accounts__resolved') }}
    where is_active
),

account_details as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

campaigns as (
    select * from {{ ref('int_campaigns__channels') }}
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

order_types as (
    select * from {{ ref('order_type_map') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

exchange_rates as (
    select * from {{ ref('int_fx__rates') }}
    where rate_kind = '{{ var("booking_rate_kind") }}'
),

-- Amounts of an opportunity are told at the rate of its close date, until then at today's.
typed as (
    select
        opportunities.*,
        case
            when
                not {{ var('convert_opportunity_amounts') }}
                or coalesce(opportunities.currency, '{{ var("reporting_currency") }}')
                = '{{ var("reporting_currency") }}'
                then 1
            else exchange_rates.exchange_rate
        end as reporting_rate,
        coalesce(order_types.order_type, 'unknown') as order_type,
        coalesce(stages.is_excluded, false) or opportunities.merged_opportunity_id is not null as is_excluded
    from opportunities
    left join order_types
        on lower(trim(opportunities.opportunity_type)) = lower(order_types.opportunity_type)
    left join stages
        on opportunities.stage_name = stages.stage_name
    cross join as_of
    left join exchange_rates
        on opportunities.currency = exchange_rates.currency
        and exchange_rates.valid_from <= least(opportunities.close_date, as_of.as_of_date)
        and exchange_rates.valid_until > least(opportunities.close_date, as_of.as_of_date)
),

valued as (
    select
        *,
        coalesce(is_won, false) and not is_excluded as is_counted_won,
        coalesce(is_closed, false) and not coalesce(is_won, false) and not is_excluded as is_counted_lost,
        coalesce(
            incremental_acv,
            case order_type
                when 'renewal' then acv - coalesce(renewal_acv, 0)
                when 'refund' then -abs(acv)
                else acv
            end,
            0
        ) as iacv,
        coalesce(
            tcv,
            case when order_type = 'refund' then -1 else 1 end
            * ({{ divided('abs(acv) * greatest(coalesce(term_months, 12), 12)', 12) }} + coalesce(one_time, 0))
        ) as whole_value
    from typed
),

final as (
    select
        valued.opportunity_id,
        accounts.surviving_account_id as account_id,
        accounts.customer_account_id,
        campaigns.campaign_id,
        valued.merged_opportunity_id,
        valued.owner_id,
        valued.stage_name,
        valued.order_type,
        coalesce(nullif(trim(account_details.segment), ''), 'unknown') as segment,
        coalesce(campaigns.channel, 'unattributed') as channel,
        valued.lead_source,
        valued.forecast_category,
        valued.currency,
        valued.reporting_rate,
        valued.amount * valued.reporting_rate as amount,
        acceptances.accepted_amount * valued.reporting_rate as accepted_amount,
        valued.acv * valued.reporting_rate as acv,
        valued.iacv * valued.reporting_rate as iacv,
        valued.renewal_acv * valued.reporting_rate as renewal_acv,
        case
            when valued.order_type = 'renewal' and valued.is_counted_lost
                then -coalesce(valued.renewal_acv, 0) * valued.reporting_rate
            else 0
        end as iacv_lost,
        valued.whole_value * valued.reporting_rate as tcv,
        valued.one_time * valued.reporting_rate as one_time,
        valued.term_months,
        coalesce(valued.is_closed, false) as is_closed,
        valued.is_counted_won as is_won,
        valued.is_counted_lost as is_lost,
        valued.is_excluded,
        coalesce(valued.is_partner, false) as is_partner,
        {{ reporting_date('valued.created_at') }} as created_date,
        acceptances.accepted_date,
        valued.sales_qualified_date as qualified_date,
        valued.close_date,
        valued.created_at
    from valued
    left join acceptances
        on valued.opportunity_id = acceptances.opportunity_id
    left join accounts
        on valued.account_id = accounts.account_id
    left join account_details
        on accounts.surviving_account_id = account_details.account_id
    left join campaigns
        on valued.campaign_id = campaigns.campaign_id
)

select * from final
