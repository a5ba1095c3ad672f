{#- A name without capitals, marks and the legal forms at its end, to be compared. PostgreSQL only. -#}
{% macro normalized_name(name) -%}
    nullif(trim(regexp_replace(
        regexp_replace(lower(normalize({{ name }}, nfkc)), '[^[:alnum:]]+', ' ', 'g'),
        '( (inc|incorporated|llc|ltd|limited|plc|corp|corporation|company|co|group|holdings?|gmbh|ag|kg|se|ab|as|asa|aps|oy|bv|nv|sa|sas|sarl|srl|spa|pty|kk|labs))+ *$',
        '', 'g'
    )), '')
{%- endmacro %}


{#- An address without capitals and outer blanks, its letters in their usual form. PostgreSQL only. -#}
{% macro normalized_email(email) -%}
    nullif(lower(trim(normalize({{ email }}, nfkc))), '')
{%- endmacro %}


{#-
    The part of a host name that somebody registered: acme.co.uk of git.dev.acme.co.uk. None of an
    address of numbers and of names that count inside a network only. PostgreSQL only.
-#}
{% macro registrable_domain(host) -%}
    case
        when {{ host }} ~ '^[0-9.]+$' or {{ host }} ~ ':' or {{ host }} !~ '[.]' then null
        when {{ host }} ~ '[.](local|localdomain|internal|intranet|lan|corp|home|localhost)$' then null
        when substring({{ host }} from '[^.]+[.][^.]+$') in (select suffix from {{ ref('public_suffixes') }})
            then substring({{ host }} from '[^.]+[.][^.]+[.][^.]+$')
        else substring({{ host }} from '[^.]+[.][^.]+$')
    end
{%- endmacro %}


{#- Salesforce shows 15 characters of an id whose API has 18: the first 15 tell. -#}
{% macro is_same_crm_id(left_id, right_id) -%}
    left({{ left_id }}, 15) = left({{ right_id }}, 15)
{%- endmacro %}
