{#- Figures about fewer people than these are not told: one could guess who they are. -#}
{% macro fewest_people() -%}
    5
{%- endmacro %}


{#- Whether somebody was in the team on a day; the last day counts. -#}
{% macro was_member(member, day) -%}
    {{ member }}.start_date <= {{ day }} and ({{ member }}.end_date is null or {{ day }} <= {{ member }}.end_date)
{%- endmacro %}
