-- Made once per warehouse, kept for good, in no file: without it nobody can tell which
-- address a hash in the marts belongs to.
{{ config(materialized='incremental', full_refresh=false, unlogged=false) }}

select {{ random_text() }} as salt
{%- if is_incremental() %}
where false
{%- endif %}
