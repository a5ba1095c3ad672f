{{ staged_licenses('license') }}
