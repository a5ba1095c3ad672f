-- Answers to surveys by month; those of few people are left out: one could guess who they are.
with answers as (
    select
        survey_type,
        score,
        {{ month_start(reporting_date('answered_at')) }} as month_start
    from {{ ref('stg_csv__surveys') }}
    where
        not is_deleted
        and score is not null
),

counted as (
    select
        survey_type,
        month_start,
        count(*) as answers,
        count(case when score >= 9 then 1 end) as promoters,
        count(case when score <= 6 then 1 end) as detractors
    from answers
    group by survey_type, month_start
),

final as (
    select
        survey_type,
        cast(answers as integer) as answers,
        cast(case when answers >= {{ fewest_people() }} then promoters end as integer) as promoters,
        cast(case when answers >= {{ fewest_people() }} then detractors end as integer) as detractors,
        month_start
    from counted
)

select * from final
