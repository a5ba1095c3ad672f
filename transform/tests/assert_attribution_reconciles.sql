-- Every model gives away the whole of each order, no more and no less.
select
    opportunity_id,
    model_code,
    sum(weight) as weight
from {{ ref('fct_attribution') }}
group by opportunity_id, model_code
having abs(sum(weight) - 1) > 1e-9
