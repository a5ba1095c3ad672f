{#-
    The rows of a raw table as typed columns; no rows, of the same types, when the table is
    missing. `columns` is a list of (name, type, alias); the types are text, numeric, boolean,
    date and timestamp. A column that is missing becomes null. `key` is the alias of the key.

    Adds to the columns:
    is_deleted         the source says so (IsDeleted), or the target does (_sdc_deleted_at)
    loaded_at          when the row was extracted
    is_latest_version  true once per key, for loads that append instead of merging
-#}
{% macro source_or_empty(source_name, table_name, columns, key) -%}
    {%- set declared = source(source_name, table_name) -%}
    {%- set relation = find_raw_relation(declared) if execute -%}
    {%- set found = adapter.get_columns_in_relation(relation) if relation else [] -%}
    {%- set deleted = [raw_value(found, 'IsDeleted', 'boolean'), raw_value(found, '_sdc_deleted_at', 'timestamp')] -%}
    {%- set extracted_at = raw_value(found, '_sdc_extracted_at', 'timestamp') -%}
    {%- set changed_at = raw_value(found, 'SystemModstamp', 'timestamp') -%}
    select
        raw.*,
        raw.{{ key }} is not null
        and row_number() over (
            partition by raw.{{ key }}
            order by
                raw.changed_at desc nulls last,
                raw.loaded_at desc nulls last,
                raw.load_sequence desc nulls last
        ) = 1 as is_latest_version
    from (
        select
            {%- for name, type, alias in columns %}
            {{ raw_value(found, name, type) }} as {{ alias }},
            {%- endfor %}
            coalesce({{ deleted[0] }}, false) or {{ deleted[1] }} is not null as is_deleted,
            {{ changed_at }} as changed_at,
            coalesce(
                {{ extracted_at }},
                {{ raw_value(found, '_sdc_batched_at', 'timestamp') }},
                {{ raw_value(found, '_sdc_received_at', 'timestamp') }},
                {{ changed_at }}
            ) as loaded_at,
            {{ raw_value(found, '_sdc_sequence', 'numeric') }} as load_sequence
        {%- if relation %}
        from {{ relation }}
        {%- else %}
        where false
        {%- endif %}
    ) as raw
{%- endmacro %}


{#- The raw table under any of its accepted spellings, or none with a word about it. -#}
{% macro find_raw_relation(declared) -%}
    {%- for identifier in spellings(declared.identifier) -%}
        {%- set relation = adapter.get_relation(declared.database, declared.schema, identifier) -%}
        {%- if relation -%}
            {%- do return(relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do log(declared.schema ~ '.' ~ declared.identifier ~ ' is not loaded: its models stay empty') -%}
    {%- do return(none) -%}
{%- endmacro %}


{#-
    An expression for one raw column in the type asked for. Every column that spells the name
    counts, the nearest spelling first; so do the columns that a target makes when the type of
    a property changes (name__s, name__n, ...).
-#}
{% macro raw_value(found, name, type) -%}
    {%- set values = [] -%}
    {%- for spelling in spellings(name) -%}
        {%- for suffix in ['', '__s', '__n', '__f', '__i', '__b', '__d', '__t'] -%}
            {%- for column in found if column.name == spelling ~ suffix -%}
                {%- do values.append(cast_raw(adapter.quote(column.name), column.dtype, type)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not values -%}
        cast(null as {{ sql_type(type) }})
    {%- elif values | length == 1 -%}
        {{ values[0] }}
    {%- else -%}
        coalesce({{ values | join(', ') }})
    {%- endif -%}
{%- endmacro %}


{#- AccountId is also found as accountid and account_id. -#}
{% macro spellings(name) -%}
    {%- set snake = modules.re.sub('(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name) | lower -%}
    {%- set distinct = [] -%}
    {%- for spelling in [name, name | lower, snake] -%}
        {%- if spelling not in distinct -%}
            {%- do distinct.append(spelling) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(distinct) -%}
{%- endmacro %}
