with known as (
    select * from {{ ref('int_campaigns__known') }}
),

source_campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
),

links as (
    select * from {{ ref('int_campaigns__links') }}
),

linked as (
    select
        campaign_id,
        min(case when source_system = 'marketo' then source_campaign_id end) as marketo_program_id,
        min(case when source_system = 'facebook' then source_campaign_id end) as facebook_campaign_id
    from links
    where campaign_id is not null
    group by campaign_id
),

programs as (
    select * from {{ ref('stg_marketo__programs') }}
),

facebook_campaigns as (
    select * from {{ ref('stg_facebook__campaigns') }}
),

channel_rules as (
    select * from {{ ref('channel_rules') }}
    where source_system = 'salesforce'
),

of_crm as (
    select
        {{ surrogate_key('sfdc.campaign', 'known.campaign_id') }} as campaign_id,
        {{ surrogate_key('sfdc.campaign', 'source_campaigns.parent_campaign_id') }} as parent_campaign_id,
        known.campaign_id as sfdc_campaign_id,
        linked.marketo_program_id,
        linked.facebook_campaign_id,
        'salesforce' as source_system,
        known.campaign_name,
        source_campaigns.campaign_type,
        source_campaigns.campaign_status,
        known.channel,
        source_campaigns.currency,
        case when not known.is_deleted then source_campaigns.actual_cost end as actual_cost,
        case when not known.is_deleted then source_campaigns.budgeted_cost end as budgeted_cost,
        coalesce(source_campaigns.is_active, false) and not known.is_deleted as is_active,
        known.is_deleted,
        source_campaigns.start_date,
        source_campaigns.end_date
    from known
    inner join source_campaigns
        on known.campaign_id = source_campaigns.campaign_id
    left join linked
        on known.campaign_id = linked.campaign_id
),

-- Programs and ad campaigns the CRM does not know.
unknown_links as (
    select
        links.*,
        row_number() over (
            partition by links.source_system, coalesce(links.campaign_id, links.source_campaign_id)
            order by links.source_campaign_id
        ) as place
    from links
    left join known
        on links.campaign_id = known.campaign_id
    where known.campaign_id is null
),

of_marketo as (
    select
        coalesce(
            {{ surrogate_key('sfdc.campaign', 'links.campaign_id') }},
            {{ surrogate_key('marketo.program', 'links.source_campaign_id') }}
        ) as campaign_id,
        cast(null as text) as parent_campaign_id,
        links.campaign_id as sfdc_campaign_id,
        links.source_campaign_id as marketo_program_id,
        cast(null as text) as facebook_campaign_id,
        'marketo' as source_system,
        links.source_campaign_name as campaign_name,
        programs.program_channel as campaign_type,
        programs.program_status as campaign_status,
        coalesce(channel_rules.channel, 'unmapped') as channel,
        cast(null as text) as currency,
        cast(null as numeric) as actual_cost,
        cast(null as numeric) as budgeted_cost,
        false as is_active,
        false as is_deleted,
        programs.start_date,
        programs.end_date
    from unknown_links as links
    inner join programs
        on links.source_campaign_id = programs.program_id
    left join channel_rules
        on lower(trim(programs.program_channel)) = lower(channel_rules.campaign_type)
    where
        links.source_system = 'marketo'
        and links.place = 1
),

of_facebook as (
    select
        {{ surrogate_key('facebook.campaign', 'links.source_campaign_id') }} as campaign_id,
        cast(null as text) as parent_campaign_id,
        cast(null as text) as sfdc_campaign_id,
        cast(null as text) as marketo_program_id,
        links.source_campaign_id as facebook_campaign_id,
        'facebook' as source_system,
        links.source_campaign_name as campaign_name,
        facebook_campaigns.objective as campaign_type,
        facebook_campaigns.campaign_status,
        'paid_social' as channel,
        cast(null as text) as currency,
        cast(null as numeric) as actual_cost,
        cast(null as numeric) as budgeted_cost,
        coalesce(facebook_campaigns.effective_status = 'ACTIVE', false) as is_active,
        coalesce(facebook_campaigns.campaign_status = 'DELETED', false) as is_deleted,
        {{ reporting_date('facebook_campaigns.started_at') }} as start_date,
        {{ reporting_date('facebook_campaigns.stopped_at') }} as end_date
    from unknown_links as links
    inner join facebook_campaigns
        on links.source_campaign_id = facebook_campaigns.facebook_campaign_id
    where
        links.source_system = 'facebook'
        and links.place = 1
),

nobody as (
    select
        {{ unknown_member() }} as campaign_id,
        cast(null as text) as parent_campaign_id,
        cast(null as text) as sfdc_campaign_id,
        cast(null as text) as marketo_program_id,
        cast(null as text) as facebook_campaign_id,
        {{ unknown_member() }} as source_system,
        'No campaign' as campaign_name,
        cast(null as text) as campaign_type,
        cast(null as text) as campaign_status,
        'unattributed' as channel,
        cast(null as text) as currency,
        cast(null as numeric) as actual_cost,
        cast(null as numeric) as budgeted_cost,
        false as is_active,
        false as is_deleted,
        cast(null as date) as start_date,
        cast(null as date) as end_date
),

final as (
    select * from of_crm
    union all
    select * from of_marketo
    union all
    select * from of_facebook
    union all
    select * from nobody
)

select * from final
