{#-
    For `bizops metrics explain --since`, which builds the metrics anew as they would be without
    what has come since: the var `rows_known_at` gives an instant per source, {salesforce:
    2026-01-31T03:00:00Z}, and rows the source made after it are left out. A row that does not
    tell when it was made stays.
-#}
{% macro known_rows_only(found, source_name) -%}
    {%- set instant = var('rows_known_at', {}).get(source_name) -%}
    {%- set names = {
        'salesforce': ['CreatedDate'],
        'zuora': ['CreatedDate'],
        'marketo': ['createdAt', 'activityDate'],
        'facebook': ['created_time', 'date_start'],
        'gitlab': ['created_at', 'recorded_at'],
    }.get(source_name, []) -%}
    {%- if instant and names %}
        where coalesce(
            {%- for name in names %}
            {{ raw_value(found, name, 'timestamp') }} <= cast('{{ instant | string | replace("'", "") }}' as timestamp with time zone),
            {%- endfor %}
            true
        )
    {%- endif -%}
{%- endmacro %}
