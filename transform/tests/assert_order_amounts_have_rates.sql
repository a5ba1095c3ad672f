-- Orders whose amounts are left out because nobody told what their currency was worth then: add
-- the rate to fx_rates, or say by the var convert_opportunity_amounts that amounts are converted.
select
    opportunity_id,
    currency,
    close_date
from {{ ref('int_opportunities__enriched') }}
where
    reporting_rate is null
    and not is_excluded
