-- The terms of each subscription, what they were worth at their end, and what followed.
with versions as (
    select
        lineage_id,
        term_start_date,
        max(term_end_date) as term_end_date
    from {{ ref('int_subscriptions__versions') }}
    where
        not is_draft
        and lower(coalesce(term_type, 'termed')) = 'termed'
        and term_start_date is not null
        and term_end_date is not null
    group by 1, 2
),

subscriptions as (
    select * from {{ ref('int_subscriptions__latest') }}
),

charges as (
    select * from {{ ref('int_charges__recurring') }}
),

terms as (
    select
        versions.lineage_id,
        subscriptions.account_id,
        subscriptions.organization_key,
        subscriptions.segment,
        subscriptions.is_cancelled and versions.term_start_date = subscriptions.term_start_date as is_cancelled,
        lead(versions.term_start_date) over (
            partition by versions.lineage_id order by versions.term_start_date
        ) as next_term_start_date,
        versions.term_start_date,
        versions.term_end_date
    from versions
    inner join subscriptions
        on versions.lineage_id = subscriptions.lineage_id
),

ends as (
    select
        terms.lineage_id,
        terms.term_start_date,
        charges.product_code,
        sum(charges.arr) over (partition by terms.lineage_id, terms.term_start_date) as arr,
        row_number() over (
            partition by terms.lineage_id, terms.term_start_date
            order by charges.arr desc, charges.product_code asc
        ) as size_rank
    from terms
    inner join charges
        on terms.lineage_id = charges.lineage_id
        and {{ in_force('charges', add_days('terms.term_end_date', -1)) }}
),

renewals as (
    select
        terms.lineage_id,
        terms.term_start_date,
        sum(charges.arr) as arr
    from terms
    inner join charges
        on terms.lineage_id = charges.lineage_id
        and {{ in_force('charges', 'terms.next_term_start_date') }}
    group by 1, 2
),

final as (
    select
        terms.lineage_id,
        terms.account_id,
        terms.organization_key,
        terms.segment,
        ends.product_code,
        terms.is_cancelled,
        terms.next_term_start_date is not null as is_renewed,
        coalesce(ends.arr, 0) as arr_up_for_renewal,
        coalesce(renewals.arr, 0) as arr_renewed,
        terms.term_start_date,
        terms.term_end_date,
        terms.next_term_start_date
    from terms
    left join ends
        on terms.lineage_id = ends.lineage_id
        and terms.term_start_date = ends.term_start_date
        and ends.size_rank = 1
    left join renewals
        on terms.lineage_id = renewals.lineage_id
        and terms.term_start_date = renewals.term_start_date
)

select * from final
