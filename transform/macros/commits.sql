{#- The commit that a message says it was picked from, as `git cherry-pick -x` writes it. PostgreSQL only. -#}
{% macro picked_from(message) -%}
    substring({{ message }} from 'cherry picked from commit ([0-9a-f]{40})')
{%- endmacro %}
