{#- The id of a thing in the marts: the same for the same record of the same source, always. -#}
{% macro surrogate_key(record_type, id) -%}
    {{ dbt.hash("'" ~ record_type ~ ":' || " ~ id) }}
{%- endmacro %}


{#- The key of the member that stands for "not known" in each dimension. -#}
{% macro unknown_member() -%}
    'unknown'
{%- endmacro %}


{#- The id of the organization that a record of any source is of; `unknown` for one of none. -#}
{% macro organization_of(node_key) -%}
    coalesce(
        (
            select ids.organization_id
            from {{ ref('int_identity__organization_ids') }} as ids
            where ids.node_key = {{ node_key }}
        ),
        {{ unknown_member() }}
    )
{%- endmacro %}


{#- The id of the organization of an account; `unknown` without one. -#}
{% macro organization_key(account_id) -%}
    {{ organization_of("'sfdc.account:' || " ~ account_id) }}
{%- endmacro %}


{#- The id of the organization that uses a subscription: that of its account, else of who is billed. -#}
{% macro user_organization_key(organization_key) -%}
    {{ organization_of(
        "case when " ~ organization_key ~ " like 'billing:%' then 'zuora.account:' || substring("
        ~ organization_key ~ " from 9) else 'sfdc.account:' || " ~ organization_key ~ " end"
    ) }}
{%- endmacro %}


{#- A hash that cannot be guessed back without the salt. PostgreSQL only. -#}
{% macro salted_hash(salt, text) -%}
    encode(sha256(convert_to({{ salt }} || {{ text }}, 'UTF8')), 'hex')
{%- endmacro %}


{#- A text nobody can guess. PostgreSQL only. -#}
{% macro random_text() -%}
    cast(gen_random_uuid() as text) || cast(gen_random_uuid() as text)
{%- endmacro %}


{#- Text in the order of its bytes, the same on every server. PostgreSQL only. -#}
{% macro bytewise(text) -%}
    {{ text }} collate "C"
{%- endmacro %}


{#- acme.example of https://www.acme.example/about. PostgreSQL only. -#}
{% macro website_domain(website) -%}
    nullif(regexp_replace(lower(trim({{ website }})), '^([a-z]+://)?(www\.)?([^/:?#]*).*$', '\3'), '')
{%- endmacro %}


{#- Whether a text matches a regular expression, without regard to case. PostgreSQL only. -#}
{% macro matches_pattern(text, pattern) -%}
    {{ text }} ~* {{ pattern }}
{%- endmacro %}


{#- The whole numbers in a text, one a row. PostgreSQL only. -#}
{% macro numbers_in(text) -%}
    (select found.number[1] from regexp_matches({{ text }}, '[0-9]+', 'g') as found (number))
{%- endmacro %}


{#- A name as names are compared: in lower case, without spaces too many. PostgreSQL only. -#}
{% macro name_key(name) -%}
    nullif(lower(trim(regexp_replace({{ name }}, '\s+', ' ', 'g'))), '')
{%- endmacro %}


{#- A name as addresses of pages carry it: ship-faster of Ship faster! PostgreSQL only. -#}
{% macro name_slug(name) -%}
    nullif(trim(both '-' from regexp_replace(lower({{ name }}), '[^a-z0-9]+', '-', 'g')), '')
{%- endmacro %}


{#- A parameter of an address, or of a text of parameters; null without it. PostgreSQL only. -#}
{% macro url_parameter(address, name) -%}
    nullif(substring({{ address }} from '(?:^|[?&]){{ name }}=([^&#]*)'), '')
{%- endmacro %}


{#- The path of a page in an address: /about.html of https://acme.example/about.html?x=1. PostgreSQL only. -#}
{% macro url_path(address) -%}
    nullif(regexp_replace(split_part(split_part({{ address }}, '?', 1), '#', 1), '^([a-z]+:)?//[^/]*|^[^/]+\.[^/]+(?=/)', ''), '')
{%- endmacro %}
