with records as (
    select * from {{ ref('int_people__records') }}
    where is_active
),

overrides as (
    select * from {{ ref('identity_overrides') }}
),

-- One record stands for all of an address: a star of links instead of all pairs.
addresses as (
    select
        email,
        min(record_key) as record_key
    from records
    where email is not null
    group by email
),

found as (
    select
        record_key as left_record,
        surviving_record_key as right_record,
        'merge' as rule_code
    from records
    where record_key <> surviving_record_key

    union all

    select
        record_key as left_record,
        converted_record_key as right_record,
        'conversion' as rule_code
    from records
    where converted_record_key is not null

    union all

    select
        records.record_key as left_record,
        addresses.record_key as right_record,
        'email' as rule_code
    from records
    inner join addresses
        on records.email = addresses.email
    where records.record_key <> addresses.record_key
),

-- An override that separates cuts the pair's own link and, as its address would join it to
-- the same people again, the left record's link by address.
kept as (
    select found.*
    from found
    left join overrides
        on overrides.action = 'separate'
        and (
            (found.left_record = overrides.left_record and found.right_record = overrides.right_record)
            or (found.right_record = overrides.left_record and found.left_record = overrides.right_record)
            or (found.left_record = overrides.left_record and found.rule_code = 'email')
        )
    where overrides.action is null

    union all

    select
        left_record,
        right_record,
        'override' as rule_code
    from overrides
    where action = 'link'
),

final as (
    select distinct
        kept.left_record,
        kept.right_record,
        kept.rule_code
    from kept
    inner join records as left_record
        on kept.left_record = left_record.record_key
    inner join records as right_record
        on kept.right_record = right_record.record_key
)

select * from final
