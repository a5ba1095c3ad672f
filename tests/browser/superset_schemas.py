"""Holds assets against the schemas Superset imports by; run with Superset's Python.

Reads bundles as JSON from stdin, `[{"charts/x.yaml": "..."}, ...]`, and writes what is
wrong with each as JSON, `[["charts/x.yaml: ..."], ...]`, on the last line of stdout.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

import yaml
from marshmallow import ValidationError
from superset.app import create_app

_SCHEMAS = {
    "databases": ("superset.databases.schemas", "ImportV1DatabaseSchema"),
    "datasets": ("superset.datasets.schemas", "ImportV1DatasetSchema"),
    "charts": ("superset.charts.schemas", "ImportV1ChartSchema"),
    "dashboards": ("superset.dashboards.schemas", "ImportV1DashboardSchema"),
}


def main() -> None:
    """Write what Superset would say to each document of each bundle."""
    bundles = json.load(sys.stdin)
    with create_app().app_context():
        found = [_faults(bundle) for bundle in bundles]
    sys.stdout.write(f"\n{json.dumps(found)}\n")


def _faults(bundle: dict[str, str]) -> list[str]:
    found = []
    for path, text in bundle.items():
        module, name = _SCHEMAS.get(path.partition("/")[0], ("", ""))
        if not module:
            continue
        try:
            getattr(import_module(module), name)().load(yaml.safe_load(text))
        except ValidationError as error:
            found.append(f"{path}: {error}")
    return found


if __name__ == "__main__":
    main()
