with terms as (
    select * from {{ ref('int_subscriptions__terms') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

final as (
    select
        terms.lineage_id,
        {{ user_organization_key('terms.organization_key') }} as organization_id,
        coalesce(terms.product_code, {{ unknown_member() }}) as product_code,
        case
            when terms.is_renewed then 'renewed'
            when terms.is_cancelled then 'cancelled'
            when {{ add_days('terms.term_end_date', var('renewal_grace_days')) }} <= as_of.as_of_date then 'lost'
            else 'pending'
        end as renewal_status,
        terms.arr_up_for_renewal,
        terms.arr_renewed,
        terms.term_start_date,
        terms.term_end_date,
        terms.next_term_start_date
    from terms
    cross join as_of
)

select * from final
