{#- The rule models of attribution, by their codes. -#}
{% macro attribution_models() -%}
    {%- do return([
        'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position', 'w_shaped', 'full_path', 'time_decay',
    ]) -%}
{%- endmacro %}


{#- The measures of the performance of campaigns and channels. -#}
{% macro performance_measures() -%}
    {%- do return([
        'spend', 'touches', 'leads', 'mql', 'sql', 'won_leads', 'customers', 'first_order_iacv', 'collateral_uses',
    ]) -%}
{%- endmacro %}


{#-
    The columns of performance by whatever a query groups by: the measures, the IACV by each model of
    attribution, and what follows from them. `measures` has measure and amount.
-#}
{% macro performance_columns() -%}
    {%- for measure in performance_measures() %}
    coalesce(sum(case when measure = '{{ measure }}' then amount end), 0) as {{ measure }},
    {%- endfor %}
    {%- for model in attribution_models() %}
    coalesce(sum(case when measure = 'iacv_{{ model }}' then amount end), 0) as iacv_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#-
    What follows from the measures of performance: they are columns of the same row, and so are the
    gross_margin and lifetime_years of customers (null where nobody knows them).
-#}
{% macro performance_ratios() -%}
    {{ divided('spend', 'leads') }} as cost_per_lead,
    {{ divided('spend', 'customers') }} as cac,
    {%- set lifetime_value = 'first_order_iacv * gross_margin * lifetime_years' %}
    {{ lifetime_value }} as lifetime_value,
    {{ divided(lifetime_value, 'customers') }} as ltv,
    {{ divided(lifetime_value, 'spend') }} as ltv_to_cac,
    {{ divided('(' ~ lifetime_value ~ ' - spend)', 'spend') }} as net_roi,
    {{ divided('spend', '(first_order_iacv * gross_margin / 12)') }} as payback_months,
    {{ divided('mql', 'leads') }} as lead_to_mql_rate,
    {{ divided('sql', 'mql') }} as mql_to_sql_rate,
    {{ divided('won_leads', 'sql') }} as sql_to_won_rate,
    {%- for model in attribution_models() %}
    {{ divided('iacv_' ~ model, 'spend') }} as roi_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#-
    All that the marts of performance tell of `by_period`: the measures, what follows from them, and
    the `conversions` (of int_performance__conversions) of the same period.
-#}
{% macro performance_told() -%}
    {%- for measure in performance_measures() %}
    by_period.{{ measure }},
    {%- endfor %}
    {%- for model in attribution_models() %}
    by_period.iacv_{{ model }},
    {%- endfor %}
    {{ performance_ratios() }},
    conversions.journeys,
    conversions.journeys_won,
    conversions.conversion_days,
    conversions.iacv_at_median,
    conversions.estimated_iacv_2x,
    conversions.estimated_iacv_developed
{%- endmacro %}


{#- The IACV by each model of attribution; what is summed has model_code and iacv. -#}
{% macro iacv_by_model() -%}
    {%- for model in attribution_models() %}
    sum(case when model_code = '{{ model }}' then iacv else 0 end) as iacv_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
