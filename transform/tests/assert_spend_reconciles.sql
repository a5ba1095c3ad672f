-- Days, campaigns, channels and the metrics must add up to the same spend: the cost that Salesforce
-- tells by itself, and the spend of the best sources by itself.
with layers as (
    select
        'salesforce' as family,
        'campaigns' as layer,
        coalesce(sum(actual_cost), 0) as spend
    from {{ ref('dim_campaigns') }}

    union all

    select
        'salesforce' as family,
        'days' as layer,
        coalesce(sum(spend), 0) as spend
    from {{ ref('int_campaigns__spend_by_day') }}

    union all

    select
        'salesforce' as family,
        metric_code || ' by ' || dimension_type || ' and ' || period_type as layer,
        coalesce(sum(numerator), 0) as spend
    from {{ ref('mtr_metric_values') }}
    where metric_code in ('cost_per_lead', 'cac')
    group by metric_code, dimension_type, period_type

    union all

    select
        'best sources' as family,
        'days' as layer,
        coalesce(sum(reporting_spend), 0) as spend
    from {{ ref('fct_spend_daily') }}
    where exists (select 1 from {{ ref('mtr_metric_values') }} where metric_code = 'spend')

    union all

    -- Ads of no campaign of the CRM are in no campaign's figure.
    select
        'best sources' as family,
        metric_code || ' by ' || dimension_type || ' and ' || period_type as layer,
        coalesce(sum(numerator), 0) as spend
    from {{ ref('mtr_metric_values') }}
    where
        metric_code in ('spend', 'cost_per_lead_actual', 'cac_actual')
        and dimension_type <> 'campaign'
    group by metric_code, dimension_type, period_type
)

select
    family,
    min(spend) as least,
    max(spend) as most
from layers
group by family
having max(spend) - min(spend) > 0.01
