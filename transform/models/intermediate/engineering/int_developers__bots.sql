-- Accounts of programs: the list of users says so; where it is not shown, their names do.
with users as (
    select
        user_id,
        username,
        is_bot
    from {{ ref('stg_gitlab__users') }}
    where not is_deleted
),

named as (
    select
        author_id as user_id,
        author_username as username
    from {{ ref('stg_gitlab__merge_requests') }}

    union

    select
        author_id as user_id,
        author_username as username
    from {{ ref('stg_gitlab__merge_request_notes') }}
),

final as (
    select
        named.user_id,
        min(named.username) as username
    from named
    left join users
        on named.user_id = users.user_id
    where
        named.user_id is not null
        and coalesce(users.is_bot, {{ matches_pattern('named.username', "'" ~ var('bot_username_pattern') ~ "'") }})
    group by named.user_id
)

select * from final
