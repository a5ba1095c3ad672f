{% test every_metric_has_a_figure(model) %}
select definitions.metric_code
from {{ ref('int_metrics__defined') }} as definitions
left join {{ model }} as figures
    on definitions.metric_code = figures.metric_code
    and figures.period_type = 'all'
where figures.metric_code is null
{% endtest %}
