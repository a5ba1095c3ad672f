-- Each licence that a ping named, and whose subscription it is for. A licence of old times names
-- the subscription instead of giving its id.
with licenses as (
    select * from {{ ref('int_usage__pings') }}
    where
        license_key is not null
        and is_last_of_license
),

versions as (
    select * from {{ ref('int_subscriptions__versions') }}
),

names as (
    select
        upper(trim(subscription_name)) as subscription_name,
        min(lineage_id) as lineage_id
    from versions
    where subscription_name is not null
    group by 1
),

subscriptions as (
    select * from {{ ref('int_subscriptions__latest') }}
),

patterns as (
    select
        pattern,
        product_code,
        priority
    from {{ ref('product_code_patterns') }}
    where source = 'license_plan'
),

matched as (
    select
        licenses.license_key,
        patterns.product_code,
        row_number() over (
            partition by licenses.license_key order by patterns.priority, patterns.pattern
        ) as match_rank
    from licenses
    inner join patterns
        on {{ matches_pattern('licenses.license_plan', 'patterns.pattern') }}
),

final as (
    select
        licenses.license_key,
        licenses.license_plan,
        matched.product_code,
        licenses.licensee_email,
        licenses.licensee_company,
        licenses.licensed_users,
        subscriptions.lineage_id,
        subscriptions.account_id,
        subscriptions.organization_key,
        licenses.license_starts_on,
        licenses.license_expires_on
    from licenses
    left join matched
        on licenses.license_key = matched.license_key
        and matched.match_rank = 1
    left join versions
        on licenses.license_subscription_id = versions.subscription_id
    left join names
        on upper(trim(licenses.license_subscription_id)) = names.subscription_name
    left join subscriptions
        on coalesce(versions.lineage_id, names.lineage_id) = subscriptions.lineage_id
)

select * from final
