{{ marketo_activities() }}
