{#-
    The rows of a raw table as typed columns; no rows, of the same types, when the table is
    missing. `columns` is a list of (name, type, alias); the types are text, numeric, boolean,
    date, timestamp and json. A column that is missing becomes null. `key` is the alias of the key, or a
    list of the aliases that together are it; then a text that lacks becomes `unknown`.

    Adds to the columns:
    is_deleted         the source says so, or the target does (_sdc_deleted_at)
    loaded_at          when the row was extracted
    is_latest_version  true once per key, for loads that append instead of merging
-#}
{% macro source_or_empty(source_name, table_name, columns, key) -%}
    {{ rows_or_empty(source_name, source(source_name, table_name), columns, key) }}
{%- endmacro %}


{#- The same of a relation, and of its like in the schemas of further accounts. -#}
{% macro rows_or_empty(source_name, declared, columns, key) -%}
    {%- set keys = [key] if key is string else key -%}
    select
        raw.*,
        {% for part in keys %}raw.{{ part }} is not null and {% endfor %}
        row_number() over (
            partition by {% for part in keys %}raw.{{ part }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                raw.changed_at desc nulls last,
                raw.loaded_at desc nulls last,
                raw.load_sequence desc nulls last
        ) = 1 as is_latest_version
    from (
        {{ typed_rows(source_name, declared, columns, [] if key is string else keys) }}
        {%- for schema in schemas_of_further_accounts(source_name) %}
        union all
        {{ typed_rows(
            source_name, declared.incorporate(path={'schema': schema}), columns, [] if key is string else keys
        ) }}
        {%- endfor %}
    ) as raw
{%- endmacro %}


{#- The rows of one relation as typed columns; texts of `parts_of_key` that lack become `unknown`. -#}
{% macro typed_rows(source_name, declared, columns, parts_of_key) -%}
    {%- set found = raw_columns(declared) if execute else [] -%}
    {%- set own = source_columns(source_name) -%}
    {%- set deleted = [raw_value(found, own.deleted, 'boolean'), raw_value(found, '_sdc_deleted_at', 'timestamp')] -%}
    {%- set extracted_at = raw_value(found, '_sdc_extracted_at', 'timestamp') -%}
    {%- set changed_at = raw_value(found, own.changed, 'timestamp') -%}
        select
            {%- for name, type, alias in columns %}
            {%- set value = raw_value(found, name, type) %}
            {%- if type == 'text' and alias in parts_of_key %}
            coalesce({{ value }}, {{ unknown_member() }}) as {{ alias }},
            {%- else %}
            {{ value }} as {{ alias }},
            {%- endif %}
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
        {%- if found %}
        from {{ declared.incorporate(path={'identifier': found[0].table}) }}
        {{- known_rows_only(found, source_name) }}
        {%- else %}
        where false
        {%- endif %}
{%- endmacro %}


{#-
    The schemas of further accounts of a source, by the var `more_schemas`. Ids of Marketo, of GitLab and
    of the company's own files are those of one account: two of them cannot be told apart.
-#}
{% macro schemas_of_further_accounts(source_name) -%}
    {%- for given in var('more_schemas') if given not in ['salesforce', 'zuora', 'facebook'] -%}
        {%- do exceptions.raise_compiler_error(
            'vars.more_schemas names "' ~ given ~ '": only salesforce, zuora and facebook can have further accounts,'
            ~ ' since ids of the others are not unique beyond one'
        ) -%}
    {%- endfor -%}
    {%- do return(var('more_schemas').get(source_name, [])) -%}
{%- endmacro %}


{#-
    The columns of a raw table as a list of {table, name, type}: of the first of the accepted
    spellings of its name that is there. An empty list, and a word about it, when none is.
-#}
{% macro raw_columns(declared) -%}
    {%- set names = spellings(declared.identifier) -%}
    {%- set query -%}
        select
            table_name,
            column_name,
            data_type
        from information_schema.columns
        where
            table_schema = '{{ declared.schema | replace("'", "''") }}'
            and table_name in (
                {%- for name in names %}'{{ name | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor -%}
            )
        order by ordinal_position
    {%- endset -%}
    {%- set rows = run_query(query).rows -%}
    {%- for spelling in names -%}
        {%- set columns = [] -%}
        {%- for row in rows if row[0] == spelling -%}
            {%- do columns.append({'table': row[0], 'name': row[1], 'type': row[2]}) -%}
        {%- endfor -%}
        {%- if columns -%}
            {%- do return(columns) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do log(declared.schema ~ '.' ~ declared.identifier ~ ' is not loaded: its models stay empty') -%}
    {%- do return([]) -%}
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
                {%- do values.append(cast_raw(quoted_name(column.name), column.type, type)) -%}
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


{#- A name between quotes, whatever it holds. -#}
{% macro quoted_name(name) -%}
    "{{ name | replace('"', '""') }}"
{%- endmacro %}


{#- What a source calls the flag of a deleted record and the instant of its last change. -#}
{% macro source_columns(source_name) -%}
    {%- do return({
        'salesforce': {'deleted': 'IsDeleted', 'changed': 'SystemModstamp'},
        'zuora': {'deleted': 'Deleted', 'changed': 'UpdatedDate'},
        'gitlab': {'deleted': '_sdc_deleted', 'changed': 'updated_at'},
        'marketo': {'deleted': '_sdc_deleted', 'changed': 'updatedAt'},
        'facebook': {'deleted': '_sdc_deleted', 'changed': 'updated_time'},
        'csv': {'deleted': '_sdc_deleted', 'changed': '_sdc_source_file_mtime'},
    }[source_name]) -%}
{%- endmacro %}


{#- A whole staging model: the latest version of each record of a raw table. -#}
{% macro staged(source_name, table_name, columns, key) -%}
    with source as (
        {{ source_or_empty(source_name, table_name, columns, key=key) }}
    ),

    final as (
        select
            {%- for _, _, alias in columns %}
            {{ alias }},
            {%- endfor %}
            is_deleted,
            loaded_at
        from source
        where is_latest_version
    )

    select * from final
{%- endmacro %}
