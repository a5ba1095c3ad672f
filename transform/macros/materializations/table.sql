{#-
    A table in fewer steps than dbt's own: two hundred models are built at every run, and each
    step of dbt's renaming and dropping costs as much as the SQL of a small model. As there, what
    was built before is read until the new table takes its name. PostgreSQL only.

    In somebody else's project that uses this one as a package dbt takes its own instead.
-#}
{% materialization table, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set new_relation = make_intermediate_relation(target_relation) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set is_table = existing is not none and existing.type == 'table' -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        drop table if exists {{ new_relation }} cascade;
        {{ get_create_table_as_sql(False, new_relation, sql) }}
    {%- endcall %}
    {% do create_indexes(new_relation) %}

    {% if existing is not none and not is_table %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% call statement('publish') -%}
        drop table if exists {{ target_relation }} cascade;
        alter table {{ new_relation }} rename to {{ adapter.quote(target_relation.identifier) }}
    {%- endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
