{#- The raw tables that models read, as a list of {source, object, relation}. -#}
{% macro staged_objects() -%}
    {%- do return([
        {'source': 'salesforce', 'object': 'Account', 'relation': ref('stg_salesforce__accounts')},
        {'source': 'salesforce', 'object': 'Campaign', 'relation': ref('stg_salesforce__campaigns')},
        {'source': 'salesforce', 'object': 'CampaignMember', 'relation': ref('stg_salesforce__campaign_members')},
        {'source': 'salesforce', 'object': 'Contact', 'relation': ref('stg_salesforce__contacts')},
        {'source': 'salesforce', 'object': 'Lead', 'relation': ref('stg_salesforce__leads')},
        {'source': 'salesforce', 'object': 'Opportunity', 'relation': ref('stg_salesforce__opportunities')},
        {
            'source': 'salesforce', 'object': 'OpportunityContactRole',
            'relation': ref('stg_salesforce__opportunity_contact_roles'),
        },
        {
            'source': 'salesforce', 'object': 'OpportunityHistory',
            'relation': ref('stg_salesforce__opportunity_histories'),
        },
        {'source': 'salesforce', 'object': 'OpportunityStage', 'relation': ref('stg_salesforce__opportunity_stages')},
        {'source': 'salesforce', 'object': 'User', 'relation': ref('stg_salesforce__users')},
        {'source': 'zuora', 'object': 'Account', 'relation': ref('stg_zuora__accounts')},
        {'source': 'zuora', 'object': 'Amendment', 'relation': ref('stg_zuora__amendments')},
        {'source': 'zuora', 'object': 'Invoice', 'relation': ref('stg_zuora__invoices')},
        {'source': 'zuora', 'object': 'InvoiceItem', 'relation': ref('stg_zuora__invoice_items')},
        {'source': 'zuora', 'object': 'InvoicePayment', 'relation': ref('stg_zuora__invoice_payments')},
        {'source': 'zuora', 'object': 'Payment', 'relation': ref('stg_zuora__payments')},
        {'source': 'zuora', 'object': 'Product', 'relation': ref('stg_zuora__products')},
        {'source': 'zuora', 'object': 'RatePlan', 'relation': ref('stg_zuora__rate_plans')},
        {'source': 'zuora', 'object': 'RatePlanCharge', 'relation': ref('stg_zuora__rate_plan_charges')},
        {'source': 'zuora', 'object': 'Refund', 'relation': ref('stg_zuora__refunds')},
        {'source': 'zuora', 'object': 'Subscription', 'relation': ref('stg_zuora__subscriptions')},
    ]) -%}
{%- endmacro %}
