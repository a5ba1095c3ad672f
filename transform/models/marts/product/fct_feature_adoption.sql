with usage as (
    select * from {{ ref('fct_feature_usage_monthly') }}
),

first_uses as (
    select
        instances.organization_id,
        uses.feature_code,
        licenses.product_code,
        uses.first_used_at,
        row_number() over (
            partition by instances.organization_id, uses.feature_code
            order by uses.first_used_at, {{ bytewise('uses.instance_uuid') }}
        ) as place
    from {{ ref('int_usage__first_uses') }} as uses
    inner join {{ ref('int_instances__organizations') }} as instances
        on uses.instance_uuid = instances.instance_uuid
    left join {{ ref('int_usage__pings') }} as pings
        on uses.instance_uuid = pings.instance_uuid
        and uses.first_used_at = pings.recorded_at
    left join {{ ref('int_licenses__owners') }} as licenses
        on pings.license_key = licenses.license_key
),

months as (
    select
        organization_id,
        feature_code,
        count(distinct month_start) as months_used,
        max(month_start) as last_used_month
    from usage
    where is_adopted
    group by
        organization_id,
        feature_code
),

last_months as (
    select
        organization_id,
        max(month_start) as last_month
    from usage
    group by organization_id
),

final as (
    select
        first_uses.organization_id,
        first_uses.feature_code,
        coalesce(first_uses.product_code, {{ unknown_member() }}) as tier_at_first_use,
        cast(coalesce(months.months_used, 0) as integer) as months_used,
        coalesce(months.last_used_month = last_months.last_month, false) as is_current,
        first_uses.first_used_at
    from first_uses
    inner join last_months
        on first_uses.organization_id = last_months.organization_id
    left join months
        on first_uses.organization_id = months.organization_id
        and first_uses.feature_code = months.feature_code
    where first_uses.place = 1
)

select * from final
