-- All spend is given away: to customers won, to their growth, to nobody; no more and no less.
with organizations as (
    select * from {{ ref('int_costs__organizations') }}
    where acquired_date is not null
),

given as (
    select coalesce(sum(direct_cost + spread_cost + growth_cost), 0) as cost from organizations
),

unspread as (
    select coalesce(sum(cost), 0) as cost
    from {{ ref('int_costs__spread') }}
    where customer_account_id is null
),

touched as (
    select distinct campaign_id from {{ ref('int_costs__touches') }}
),

unallocated as (
    select coalesce(sum(spend.spend), 0) as cost
    from {{ ref('int_campaigns__spend_by_day') }} as spend
    left join touched
        on spend.campaign_id = touched.campaign_id
    where touched.campaign_id is null
),

spent as (
    select coalesce(sum(spend), 0) as cost from {{ ref('int_campaigns__spend_by_day') }}
)

select
    given.cost as given,
    unspread.cost as unspread,
    unallocated.cost as unallocated,
    spent.cost as spent
from given
cross join unspread
cross join unallocated
cross join spent
where abs(given.cost + unspread.cost + unallocated.cost - spent.cost) > 0.01
