-- Names that no seed knows: they count, but in no channel or order type of their own.
{{ config(severity='warn') }}

select
    'campaign type (seed channel_rules)' as kind,
    campaign_type as name,
    count(*) as row_count
from {{ ref('int_campaigns__channels') }}
where channel = 'unmapped'
group by campaign_type

union all

select
    'opportunity type (seed order_type_map)' as kind,
    source.opportunity_type as name,
    count(*) as row_count
from {{ ref('int_opportunities__enriched') }} as opportunities
inner join {{ ref('stg_salesforce__opportunities') }} as source
    on opportunities.opportunity_id = source.opportunity_id
where opportunities.order_type = 'unknown'
group by source.opportunity_type

union all

select
    'rate plan (seed product_code_patterns, or var product_patterns)' as kind,
    rate_plan_name as name,
    count(*) as row_count
from {{ ref('int_charges__recurring') }}
where product_code = 'UNMAPPED'
group by rate_plan_name
