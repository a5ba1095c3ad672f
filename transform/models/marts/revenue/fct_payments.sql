with payments as (
    select * from {{ ref('stg_zuora__payments') }}
    where not is_deleted
),

owners as (
    select * from {{ ref('int_billing_accounts__owners') }}
),

applied as (
    select
        payment_id,
        sum(amount) as amount
    from {{ ref('stg_zuora__invoice_payments') }}
    where not is_deleted
    group by payment_id
),

final as (
    select
        payments.payment_id,
        payments.payment_number,
        payments.billing_account_id,
        {{ user_organization_key(
            "coalesce(owners.account_id, 'billing:' || payments.billing_account_id)"
        ) }} as billing_organization_id,
        lower(payments.payment_status) as payment_status,
        owners.currency,
        payments.amount,
        coalesce(payments.refund_amount, 0) as refund_amount,
        coalesce(applied.amount, 0) as applied_amount,
        payments.payment_date
    from payments
    left join owners
        on payments.billing_account_id = owners.billing_account_id
    left join applied
        on payments.payment_id = applied.payment_id
)

select * from final
