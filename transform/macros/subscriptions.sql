{#- Whether a charge counts on a day: from its first day until the day before its end. -#}
{% macro in_force(charge, day) -%}
    {{ day }} >= {{ charge }}.start_date and ({{ charge }}.end_date is null or {{ day }} < {{ charge }}.end_date)
{%- endmacro %}


{#- Whether a status of a subscription says that it was cancelled; Zuora spells it both ways. -#}
{% macro is_cancelled_status(status) -%}
    lower({{ status }}) in ('cancelled', 'canceled')
{%- endmacro %}
