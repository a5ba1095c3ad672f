-- The opportunity that ended a subscription for good: the refund of one that was cancelled, the
-- lost renewal of one that was not renewed; of several the nearest to the end of its last term.
with terms as (
    select * from {{ ref('int_subscriptions__terms') }}
    where next_term_start_date is null
),

endings as (
    select
        opportunity_id,
        account_id,
        order_type = 'refund' as is_refund,
        close_date,
        created_at
    from {{ ref('int_opportunities__enriched') }}
    where
        (is_won and order_type = 'refund')
        or (is_lost and order_type = 'renewal')
),

nearest as (
    select
        endings.opportunity_id,
        endings.created_at,
        terms.lineage_id,
        row_number() over (
            partition by endings.opportunity_id
            order by
                abs({{ dbt.datediff('terms.term_end_date', 'endings.close_date', 'day') }}),
                {{ bytewise('terms.lineage_id') }}
        ) as nearness
    from endings
    inner join terms
        on endings.account_id = terms.organization_key
        and endings.is_refund = terms.is_cancelled
),

ranked as (
    select
        lineage_id,
        opportunity_id,
        row_number() over (
            partition by lineage_id order by created_at, {{ bytewise('opportunity_id') }}
        ) as ending_rank
    from nearest
    where nearness = 1
),

final as (
    select
        lineage_id,
        opportunity_id
    from ranked
    where ending_rank = 1
)

select * from final
