{#-
    The figures of a relation in the columns that all metrics are told in; with `note`, an
    expression, as quality_note, too. `value` is another expression for the value.
-#}
{% macro figures_of(relation, note=none, value='value') -%}
    select
        metric_code,
        period_type,
        period_start,
        dimension_type,
        dimension_id,
        numerator,
        denominator,
        {{ value }}{{ ' as value' if value != 'value' }}
        {%- if note %},
        {{ note }}{{ ' as quality_note' if note != 'quality_note' }}
        {%- endif %}
    from {{ relation }}
{%- endmacro %}
