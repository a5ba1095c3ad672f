-- The domain of each account that still counts, and how many others have the same.
with accounts as (
    select
        resolved.account_id,
        {{ website_domain('accounts.website') }} as host
    from {{ ref('int_accounts__resolved') }} as resolved
    inner join {{ ref('stg_salesforce__accounts') }} as accounts
        on resolved.account_id = accounts.account_id
    where
        resolved.is_active
        and resolved.account_id = resolved.surviving_account_id
),

registered as (
    select
        account_id,
        {{ registrable_domain('host') }} as domain
    from accounts
),

final as (
    select
        registered.account_id,
        registered.domain,
        count(*) over (partition by registered.domain) as accounts_with_domain
    from registered
    left join {{ ref('free_mail_domains') }} as free_mail
        on registered.domain = free_mail.email_domain
    left join {{ ref('hosting_domains') }} as hosting
        on registered.domain = hosting.domain
    where
        registered.domain is not null
        and free_mail.email_domain is null
        and hosting.domain is null
)

select * from final
