-- The id of the organization that each record was last said to be of: what later builds keep to.
-- An organization keeps the id it was given first, whatever anchors it now; of several that become
-- one the oldest id lives on; of one that becomes several the part with the record that gave the
-- id keeps it, else the larger part, and the others get ids of their own. Records that are gone
-- for a while stay here. Built anew only when somebody drops the table: --full-refresh does not.
{{ config(
    materialized='incremental', unique_key='node_key', incremental_strategy='delete+insert',
    full_refresh=false, unlogged=false
) }}
with records as (
    select
        node_key,
        anchor_key,
        {{ dbt.hash('anchor_key') }} as own_id
    from {{ ref('int_identity__clusters') }}
    where
        node_kind = 'organization'
        and is_active
),

earlier as (
    {%- if is_incremental() %}
    select
        node_key,
        organization_id,
        given_in_build
    from {{ this }}
    {%- else %}
    select
        cast(null as text) as node_key,
        cast(null as text) as organization_id,
        cast(null as integer) as given_in_build
    where false
    {%- endif %}
),

builds as (
    select coalesce(max(given_in_build), 0) + 1 as build_number from earlier
),

claims as (
    select
        records.anchor_key,
        earlier.organization_id,
        records.own_id = earlier.organization_id as is_own,
        min(earlier.given_in_build) as given_in_build,
        count(*) as record_count
    from records
    inner join earlier
        on records.node_key = earlier.node_key
    group by records.anchor_key, records.own_id, earlier.organization_id
),

contested as (
    select
        *,
        row_number() over (
            partition by organization_id
            order by is_own desc, record_count desc, {{ bytewise('anchor_key') }} asc
        ) as claim_rank
    from claims
),

kept as (
    select
        anchor_key,
        organization_id,
        given_in_build,
        row_number() over (
            partition by anchor_key
            order by given_in_build asc, is_own desc, record_count desc, organization_id asc
        ) as choice
    from contested
    where claim_rank = 1
),

taken as (
    select distinct organization_id from earlier
),

final as (
    select
        records.node_key,
        coalesce(
            kept.organization_id,
            case
                when taken.organization_id is null then records.own_id
                else {{ dbt.hash("records.anchor_key || ' ' || cast(builds.build_number as text)") }}
            end
        ) as organization_id,
        coalesce(kept.given_in_build, builds.build_number) as given_in_build
    from records
    cross join builds
    left join kept
        on records.anchor_key = kept.anchor_key
        and kept.choice = 1
    left join taken
        on records.own_id = taken.organization_id
)

select * from final
