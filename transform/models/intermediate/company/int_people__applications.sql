-- Each application with what became of it.
with applicants as (
    select * from {{ ref('stg_csv__applicants') }}
    where not is_deleted
),

interviews as (
    select
        applicant_id,
        count(*) as interviews
    from {{ ref('stg_csv__interviews') }}
    where not is_deleted
    group by applicant_id
),

accepted_offers as (
    select
        applicant_id,
        {{ reporting_date('max(decided_at)') }} as accepted_date
    from {{ ref('stg_csv__offers') }}
    where
        not is_deleted
        and decision = 'accepted'
        and decided_at is not null
    group by applicant_id
),

members as (
    select
        applicant_id,
        min(start_date) as started_date
    from {{ ref('stg_csv__team_members') }}
    where
        not is_deleted
        and applicant_id is not null
        and start_date is not null
    group by applicant_id
),

final as (
    select
        applicants.applicant_id,
        applicants.job_id,
        coalesce(applicants.department, {{ unknown_member() }}) as department,
        applicants.applicant_source,
        applicants.applicant_status,
        coalesce(interviews.interviews, 0) as interviews,
        members.applicant_id is not null as has_started,
        {{ reporting_date('applicants.applied_at') }} as applied_date,
        {{ reporting_date('applicants.rejected_at') }} as rejected_date,
        accepted_offers.accepted_date,
        members.started_date
    from applicants
    left join interviews
        on applicants.applicant_id = interviews.applicant_id
    left join accepted_offers
        on applicants.applicant_id = accepted_offers.applicant_id
    left join members
        on applicants.applicant_id = members.applicant_id
    where applicants.applied_at is not null
)

select * from final
