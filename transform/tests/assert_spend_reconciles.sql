-- Days, campaigns, channels and the metrics must add up to the same spend.
with layers as (
    select
        'campaigns' as layer,
        coalesce(sum(actual_cost), 0) as spend
    from {{ ref('dim_campaigns') }}

    union all

    select
        'days' as layer,
        coalesce(sum(spend), 0) as spend
    from {{ ref('fct_spend_daily') }}

    union all

    select
        metric_code || ' by ' || dimension_type || ' and ' || period_type as layer,
        coalesce(sum(numerator), 0) as spend
    from {{ ref('mtr_metric_values') }}
    where metric_code in ('cost_per_lead', 'cac')
    group by metric_code, dimension_type, period_type
)

select
    min(spend) as least,
    max(spend) as most
from layers
having max(spend) - min(spend) > 0.01
