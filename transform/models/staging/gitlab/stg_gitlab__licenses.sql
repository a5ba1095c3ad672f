{{ staged_licenses('licenses') }}
