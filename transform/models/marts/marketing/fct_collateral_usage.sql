with uses as (
    select * from {{ ref('int_content__uses') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
    where not is_excluded
),

-- Of the opportunities that were open when content was used the newest one counts.
open_then as (
    select
        uses.activity_id,
        opportunities.opportunity_id,
        row_number() over (
            partition by uses.activity_id
            order by opportunities.created_at desc, {{ bytewise('opportunities.opportunity_id') }}
        ) as opportunity_rank
    from uses
    inner join opportunities
        on uses.customer_account_id = opportunities.customer_account_id
        and uses.used_date >= opportunities.created_date
        and (not opportunities.is_closed or uses.used_date <= opportunities.close_date)
),

final as (
    select
        {{ surrogate_key('marketo.activity', 'uses.activity_id') }} as usage_id,
        {{ surrogate_key('content', 'uses.content_name') }} as content_id,
        coalesce(people.person_id, {{ unknown_member() }}) as person_id,
        {{ organization_key('uses.customer_account_id') }} as organization_id,
        coalesce({{ surrogate_key('sfdc.campaign', 'uses.campaign_id') }}, {{ unknown_member() }}) as campaign_id,
        open_then.opportunity_id,
        uses.usage_type,
        'marketo' as source_system,
        uses.activity_id as source_id,
        uses.used_date,
        uses.used_at
    from uses
    left join people
        on {{ dbt.hash('uses.person_key') }} = people.person_id
    left join open_then
        on uses.activity_id = open_then.activity_id
        and open_then.opportunity_rank = 1
)

select * from final
