-- ARR that was gained within so many days after an organization first used a feature that was new:
-- what charges are worth more than what they follow. What goes together, not what causes.
with charges as (
    select
        *,
        arr - coalesce(arr_before, 0) as arr_gain
    from {{ ref('int_charges__sequenced') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

features as (
    select * from {{ ref('int_features__defined') }}
    where launched_on is not null
),

instances as (
    select * from {{ ref('int_instances__owners') }}
    where organization_key is not null
),

first_uses as (
    select
        instances.organization_key,
        uses.feature_code,
        min(uses.first_used_on) as first_used_on
    from {{ ref('int_usage__first_uses') }} as uses
    inner join instances
        on uses.instance_uuid = instances.instance_uuid
    group by
        instances.organization_key,
        uses.feature_code
),

final as (
    select
        charges.rate_plan_charge_id,
        charges.organization_key,
        features.feature_code,
        charges.arr_gain,
        charges.arr_gain / count(*) over (partition by charges.rate_plan_charge_id) as arr_gain_shared,
        first_uses.first_used_on,
        charges.start_date as gained_on
    from charges
    cross join as_of
    inner join first_uses
        on charges.organization_key = first_uses.organization_key
        and charges.start_date >= first_uses.first_used_on
        and charges.start_date <= {{ add_days('first_uses.first_used_on', var('new_feature_earning_days')) }}
    inner join features
        on first_uses.feature_code = features.feature_code
        and charges.start_date >= features.launched_on
        and charges.start_date < {{ add_months('features.launched_on', var('new_feature_months')) }}
    where
        charges.arr_gain > 0
        and charges.start_date <= as_of.as_of_date
)

select * from final
