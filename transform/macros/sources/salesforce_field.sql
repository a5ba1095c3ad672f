{#-
    The API name of a field that each company makes for itself. The var `salesforce_fields`
    names those that differ from these.
-#}
{% macro salesforce_field(meaning) -%}
    {%- set names = {
        'segment': 'Segment__c',
        'acv': 'ACV__c',
        'incremental_acv': 'Incremental_ACV__c',
        'renewal_acv': 'Renewal_ACV__c',
        'tcv': 'TCV__c',
        'one_time': 'One_Time__c',
        'contract_term_months': 'Contract_Term_Months__c',
        'sales_accepted_date': 'Sales_Accepted_Date__c',
        'sales_qualified_date': 'Sales_Qualified_Date__c',
        'is_partner': 'Is_Partner__c',
        'merged_opportunity': 'Merged_Opportunity__c',
        'mql_date': 'MQL_Date__c',
        'instance_uuid': 'Instance_UUID__c',
    } -%}
    {%- for given in var('salesforce_fields') if given not in names -%}
        {%- do exceptions.raise_compiler_error(
            'vars.salesforce_fields names "' ~ given ~ '", which is none of: ' ~ names | join(', ')
        ) -%}
    {%- endfor -%}
    {%- do return(var('salesforce_fields').get(meaning, names[meaning])) -%}
{%- endmacro %}
