{#-
    Casts of whatever type a target chose to the type a model wants. Text that does not hold
    such a value becomes null instead of ending the build. PostgreSQL only.
-#}
{% macro sql_type(type) -%}
    {{ {'text': 'text', 'numeric': 'numeric', 'boolean': 'boolean', 'date': 'date',
        'timestamp': 'timestamp with time zone', 'json': 'jsonb'}[type] }}
{%- endmacro %}


{% macro cast_raw(expression, from_type, to_type) -%}
    {%- if to_type == 'json' -%}
        {%- do return(cast_to_json(expression, from_type)) -%}
    {%- endif -%}
    {%- if from_type in ['json', 'jsonb'] -%}
        {%- set expression = '(' ~ expression ~ " #>> '{}')" -%}
        {%- set from_type = 'text' -%}
    {%- elif from_type.startswith('character') -%}
        {%- set from_type = 'text' -%}
    {%- endif -%}
    {%- if to_type == 'text' -%}
        cast({{ expression }} as text)
    {%- elif to_type == 'numeric' -%}
        {{ cast_to_numeric(expression, from_type) }}
    {%- elif to_type == 'boolean' -%}
        {{ cast_to_boolean(expression, from_type) }}
    {%- elif to_type == 'date' -%}
        {{ cast_to_date(expression, from_type) }}
    {%- else -%}
        {{ cast_to_timestamp(expression, from_type) }}
    {%- endif -%}
{%- endmacro %}


{#- Text is taken for JSON when it looks like an object or a list; a target writes no broken one. -#}
{% macro cast_to_json(expression, from_type) -%}
    {%- if from_type in ['json', 'jsonb'] -%}
        cast({{ expression }} as jsonb)
    {%- else -%}
        case when cast({{ expression }} as text) ~ '^\s*[\[{]' then cast(cast({{ expression }} as text) as jsonb) end
    {%- endif -%}
{%- endmacro %}


{% macro is_number_type(type) -%}
    {%- do return(type in ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision']) -%}
{%- endmacro %}


{% macro cast_to_numeric(expression, from_type) -%}
    {%- if is_number_type(from_type) -%}
        cast({{ expression }} as numeric)
    {%- elif from_type == 'boolean' -%}
        cast(cast({{ expression }} as integer) as numeric)
    {%- else -%}
        case
            when cast({{ expression }} as text) ~ '^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*$'
                then cast(cast({{ expression }} as text) as numeric)
        end
    {%- endif -%}
{%- endmacro %}


{% macro cast_to_boolean(expression, from_type) -%}
    {%- if from_type == 'boolean' -%}
        {{ expression }}
    {%- elif is_number_type(from_type) -%}
        {{ expression }} <> 0
    {%- else -%}
        case
            when lower(trim(cast({{ expression }} as text))) in ('true', 't', 'yes', 'y', '1') then true
            when lower(trim(cast({{ expression }} as text))) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- endif -%}
{%- endmacro %}


{% macro cast_to_date(expression, from_type) -%}
    {%- if from_type == 'date' or from_type == 'timestamp without time zone' -%}
        cast({{ expression }} as date)
    {%- elif from_type == 'timestamp with time zone' -%}
        cast({{ expression }} at time zone 'UTC' as date)
    {%- else -%}
        case
            when cast({{ expression }} as text) ~ '{{ date_pattern() }}'
                then cast(left(trim(cast({{ expression }} as text)), 10) as date)
        end
    {%- endif -%}
{%- endmacro %}


{% macro cast_to_timestamp(expression, from_type) -%}
    {%- if from_type == 'timestamp with time zone' -%}
        {{ expression }}
    {%- elif from_type == 'timestamp without time zone' -%}
        {{ expression }} at time zone 'UTC'
    {%- elif from_type == 'date' -%}
        cast({{ expression }} as timestamp) at time zone 'UTC'
    {%- else -%}
        case
            when cast({{ expression }} as text) ~ '{{ date_pattern() }}([T ]{{ time_pattern() }}([.]\d+)?)?\s*(Z|[-+](0\d|1[0-4])(:?[0-5]\d)?)\s*$'
                then cast(cast({{ expression }} as text) as timestamp with time zone)
            when cast({{ expression }} as text) ~ '{{ date_pattern() }}([T ]{{ time_pattern() }}([.]\d+)?)?\s*$'
                then cast(cast({{ expression }} as text) as timestamp) at time zone 'UTC'
        end
    {%- endif -%}
{%- endmacro %}


{#- Days that exist, leap years and all, so that the cast behind it cannot fail. -#}
{% macro date_pattern() -%}
    {%- set other_days = '(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])' -%}
    {%- set leap_year = '([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)' -%}
    ^\s*((?!0000)\d{4}-({{ other_days }})|(?!0000){{ leap_year }}-02-29)
{%- endmacro %}


{% macro time_pattern() -%}
    ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?
{%- endmacro %}
