-- What instances tell of their use: by their last ping of each month.
with pings as (
    select * from {{ ref('int_usage__pings') }}
    where is_last_of_month
),

owners as (
    select * from {{ ref('int_licenses__owners') }}
),

customers as (
    select * from {{ ref('int_arr__months') }}
    where arr_after > 0
),

features as (
    select * from {{ ref('int_usage__features_monthly') }}
    where counter_delta > 0
),

instances as (
    select
        month_start,
        count(*) as instances,
        sum(active_users) as active_users,
        sum(case when license_key is not null then active_users end) as licensed_active_users
    from pings
    group by month_start
),

-- The seats of a licence that several instances use count once.
licenses as (
    select
        month_start,
        license_key
    from pings
    where license_key is not null
    group by
        month_start,
        license_key
),

seats as (
    select
        licenses.month_start,
        sum(owners.licensed_users) as licensed_users
    from licenses
    inner join owners
        on licenses.license_key = owners.license_key
    group by licenses.month_start
),

reporting as (
    select
        licenses.month_start,
        owners.organization_key
    from licenses
    inner join owners
        on licenses.license_key = owners.license_key
    where owners.organization_key is not null
    group by
        licenses.month_start,
        owners.organization_key
),

coverage as (
    select
        customers.month_start,
        count(reporting.organization_key) as reporting,
        count(*) as customers
    from customers
    left join reporting
        on customers.month_start = reporting.month_start
        and customers.organization_key = reporting.organization_key
    group by customers.month_start
),

used as (
    select
        month_start,
        feature_code,
        count(*) as instances
    from features
    group by
        month_start,
        feature_code
),

readings as (
    select
        'active_instances' as metric_code,
        month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        instances as numerator,
        1 as denominator
    from instances

    union all

    select
        'active_users' as metric_code,
        month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        active_users as numerator,
        1 as denominator
    from instances

    union all

    select
        'license_utilization' as metric_code,
        instances.month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        instances.licensed_active_users as numerator,
        seats.licensed_users as denominator
    from instances
    inner join seats
        on instances.month_start = seats.month_start

    union all

    select
        'ping_coverage' as metric_code,
        month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        reporting as numerator,
        customers as denominator
    from coverage

    union all

    select
        'feature_usage' as metric_code,
        used.month_start as period_start,
        'feature' as dimension_type,
        used.feature_code as dimension_id,
        used.instances as numerator,
        instances.instances as denominator
    from used
    inner join instances
        on used.month_start = instances.month_start
),

monthly as (
    select
        *,
        'month' as period_type,
        cast(null as text) as quality_note
    from readings
),

{{ stock_rows('monthly', latest='month') }}

select * from stocks
