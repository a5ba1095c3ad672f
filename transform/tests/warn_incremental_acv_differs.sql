-- Where the field is filled in and can also be derived, both should agree within one percent.
{{ config(severity='warn') }}

with both_ways as (
    select
        opportunities.opportunity_id,
        source.incremental_acv as given,
        case opportunities.order_type
            when 'renewal' then source.acv - source.renewal_acv
            when 'refund' then -abs(source.acv)
            else source.acv
        end as derived
    from {{ ref('int_opportunities__enriched') }} as opportunities
    inner join {{ ref('stg_salesforce__opportunities') }} as source
        on opportunities.opportunity_id = source.opportunity_id
    where opportunities.is_won
)

select *
from both_ways
where abs(given - derived) > 0.01 * greatest(abs(given), abs(derived))
