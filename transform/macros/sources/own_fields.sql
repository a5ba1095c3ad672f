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
    {%- do return(own_field('salesforce_fields', names, meaning)) -%}
{%- endmacro %}


{#- The same for Zuora; the var is `zuora_fields`. -#}
{% macro zuora_field(meaning) -%}
    {%- set names = {'opportunity': 'OpportunityId__c'} -%}
    {%- do return(own_field('zuora_fields', names, meaning)) -%}
{%- endmacro %}


{% macro own_field(var_name, names, meaning) -%}
    {%- for given in var(var_name) if given not in names -%}
        {%- do exceptions.raise_compiler_error(
            'vars.' ~ var_name ~ ' names "' ~ given ~ '", which is none of: ' ~ names | join(', ')
        ) -%}
    {%- endfor -%}
    {%- do return(var(var_name).get(meaning, names[meaning])) -%}
{%- endmacro %}
