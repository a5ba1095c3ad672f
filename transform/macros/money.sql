{#-
    An amount in the reporting currency. The rate is that of the record, units of the reporting
    currency for one of its own; null, never 1, when it has none.
-#}
{% macro in_reporting_currency(amount, currency, exchange_rate) -%}
    case
        when {{ currency }} = '{{ var("reporting_currency") }}' then {{ amount }}
        else {{ amount }} * {{ exchange_rate }}
    end
{%- endmacro %}


{#- The product patterns of the company's own, as (pattern, code) rows of the seed's shape. -#}
{% macro own_product_patterns(source_name) -%}
    {%- for pattern, code in var('product_patterns').items() %}
    union all

    select
        '{{ source_name }}' as source,
        '{{ pattern | replace("'", "''") }}' as pattern,
        '{{ code | replace("'", "''") }}' as product_code,
        0 as priority
    {% endfor -%}
{%- endmacro %}
