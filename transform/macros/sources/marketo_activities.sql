{#-
    All activities of Marketo in one: those of the known types and, when their tables are
    there, those of the company's own types. Where a type lacks an attribute it is null.
-#}
{% macro marketo_activities() -%}
    {%- set known = [
        source('marketo', 'activities_add_to_list'),
        source('marketo', 'activities_change_data_value'),
        source('marketo', 'activities_change_score'),
        source('marketo', 'activities_change_status_in_progression'),
        source('marketo', 'activities_click_email'),
        source('marketo', 'activities_click_link'),
        source('marketo', 'activities_convert_lead'),
        source('marketo', 'activities_delete_lead'),
        source('marketo', 'activities_email_bounced'),
        source('marketo', 'activities_email_bounced_soft'),
        source('marketo', 'activities_email_delivered'),
        source('marketo', 'activities_fill_out_facebook_lead_ads_form'),
        source('marketo', 'activities_fill_out_form'),
        source('marketo', 'activities_interesting_moment'),
        source('marketo', 'activities_merge_leads'),
        source('marketo', 'activities_new_lead'),
        source('marketo', 'activities_open_email'),
        source('marketo', 'activities_remove_from_list'),
        source('marketo', 'activities_send_email'),
        source('marketo', 'activities_unsubscribe_email'),
        source('marketo', 'activities_visit_webpage'),
    ] -%}
    {%- set columns = [
        ('marketoGUID', 'text', 'activity_id'),
        ('leadId', 'text', 'lead_id'),
        ('campaignId', 'text', 'smart_campaign_id'),
        ('primary_attribute_value_id', 'text', 'primary_attribute_id'),
        ('primary_attribute_value', 'text', 'primary_attribute_value'),
        ('webpage_id', 'text', 'webpage_id'),
        ('webpage_url', 'text', 'webpage_url'),
        ('link', 'text', 'link'),
        ('query_parameters', 'text', 'query_parameters'),
        ('referrer_url', 'text', 'referrer_url'),
        ('old_value', 'text', 'old_value'),
        ('new_value', 'text', 'new_value'),
        ('old_status', 'text', 'old_status'),
        ('new_status', 'text', 'new_status'),
        ('reason', 'text', 'reason'),
        ('is_bot_activity', 'boolean', 'is_bot'),
        ('success', 'boolean', 'is_success'),
        ('activityDate', 'timestamp', 'activity_at'),
    ] -%}
    {%- set relations = known + own_activities(known) -%}
    with source as (
        {%- for relation in relations %}
        {%- if not loop.first %}

        union all
        {% endif %}
        select
            '{{ relation.identifier | replace('activities_', '', 1) | replace("'", "''") }}' as activity_type,
            activity.*
        from (
            {{ rows_or_empty('marketo', relation, columns, key='activity_id') }}
        ) as activity
        {%- endfor %}
    ),

    final as (
        select
            activity_id,
            lead_id,
            activity_type,
            smart_campaign_id,
            primary_attribute_id,
            primary_attribute_value,
            webpage_id,
            webpage_url,
            link,
            query_parameters,
            referrer_url,
            coalesce(old_value, old_status) as old_value,
            coalesce(new_value, new_status) as new_value,
            reason,
            coalesce(is_bot, false) as is_bot,
            coalesce(is_success, false) as is_success,
            activity_at,
            is_deleted,
            loaded_at
        from source
        where is_latest_version
    )

    select * from final
{%- endmacro %}


{#- The tables of activities in the raw schema that are none of those known. -#}
{% macro own_activities(known) -%}
    {%- set own = [] -%}
    {%- if execute -%}
        {%- set query -%}
            select distinct table_name
            from information_schema.tables
            where
                table_schema = '{{ known[0].schema | replace("'", "''") }}'
                and table_name like 'activities\_%'
            order by table_name
        {%- endset -%}
        {%- set names = known | map(attribute='identifier') | list -%}
        {%- for row in run_query(query).rows if row[0] not in names -%}
            {%- do own.append(known[0].incorporate(path={'identifier': row[0]})) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(own) -%}
{%- endmacro %}
