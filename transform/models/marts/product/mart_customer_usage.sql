with usage as (
    select * from {{ ref('fct_usage_monthly') }}
),

features as (
    select * from {{ ref('dim_features') }}
),

adopted as (
    select
        usage.organization_id,
        usage.month_start,
        count(distinct usage.feature_code) as features_used
    from {{ ref('fct_feature_usage_monthly') }} as usage
    where usage.is_adopted
    group by
        usage.organization_id,
        usage.month_start
),

-- The seats of a licence that several instances use count once.
licenses as (
    select
        organization_id,
        month_start,
        license_id,
        max(licensed_users) as licensed_users
    from usage
    where license_id is not null
    group by
        organization_id,
        month_start,
        license_id
),

seats as (
    select
        organization_id,
        month_start,
        sum(licensed_users) as licensed_users
    from licenses
    group by
        organization_id,
        month_start
),

monthly as (
    select
        organization_id,
        month_start,
        count(*) as instances,
        sum(active_users) as active_users,
        sum(case when license_id is not null then active_users end) as licensed_active_users
    from usage
    group by
        organization_id,
        month_start
),

reached as (
    select
        monthly.organization_id,
        monthly.month_start,
        max(features.sophistication_level) as sophistication_level
    from monthly
    inner join {{ ref('fct_feature_adoption') }} as adoption
        on monthly.organization_id = adoption.organization_id
        and {{ month_start(reporting_date('adoption.first_used_at')) }} <= monthly.month_start
    inner join features
        on adoption.feature_code = features.feature_code
    group by
        monthly.organization_id,
        monthly.month_start
),

ladder as (
    select
        sophistication_level,
        lead(sophistication_level) over (order by sophistication_level) as next_level
    from features
    where sophistication_level is not null
    group by sophistication_level
),

next_features as (
    select
        ladder.sophistication_level,
        min(features.feature_code) as feature_code
    from ladder
    inner join features
        on ladder.next_level = features.sophistication_level
    group by ladder.sophistication_level
),

final as (
    select
        monthly.organization_id,
        cast(monthly.instances as integer) as instances,
        monthly.active_users,
        seats.licensed_users,
        {{ divided('monthly.licensed_active_users', 'seats.licensed_users') }} as utilization,
        greatest(coalesce(monthly.licensed_active_users - seats.licensed_users, 0), 0) as over_license_users,
        cast(coalesce(adopted.features_used, 0) as integer) as features_used,
        coalesce(reached.sophistication_level, 0) as sophistication_level,
        next_features.feature_code as next_feature,
        monthly.month_start
    from monthly
    left join seats
        on monthly.organization_id = seats.organization_id
        and monthly.month_start = seats.month_start
    left join adopted
        on monthly.organization_id = adopted.organization_id
        and monthly.month_start = adopted.month_start
    left join reached
        on monthly.organization_id = reached.organization_id
        and monthly.month_start = reached.month_start
    left join next_features
        on reached.sophistication_level = next_features.sophistication_level
)

select * from final
