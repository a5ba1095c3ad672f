"""Writes the tables of README.md from the code; ``python tests/readme_tables.py``."""

from __future__ import annotations

import re
from pathlib import Path

from tap_salesforce.config_schema import CONFIG_SCHEMA
from tap_salesforce.objects import BULK_REFUSED, DEFAULT_STREAMS, SMALL_TABLES

README = Path(__file__).parents[1] / "README.md"
KINDS = {"boolean": "true/false", "integer": "whole number", "array": "list"}


def settings_table() -> str:
    lines = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    for name, spec in CONFIG_SCHEMA["properties"].items():
        kinds = [kind for kind in spec["type"] if kind != "null"]
        kind = " or ".join(KINDS.get(k, k) for k in kinds)
        if spec.get("secret"):
            kind += ", secret"
        default = spec.get("default")
        shown = "" if default in (None, []) else f"`{str(default).lower()}`"
        if isinstance(default, str):
            shown = f"`{default}`"
        choices = [f"`{c}`" for c in spec.get("enum", []) if c is not None]
        suffix = f" One of {', '.join(choices)}." if choices else ""
        text = f"{spec['description']}{suffix}"
        lines.append(f"| `{name}` | {kind} | {shown} | {text} |")
    return "\n".join(lines)


def streams_table() -> str:
    lines = ["| stream | selected by default | read through |", "|---|---|---|"]
    for name in sorted(DEFAULT_STREAMS | BULK_REFUSED | SMALL_TABLES):
        transport = "REST" if name in BULK_REFUSED | SMALL_TABLES else "Bulk API 2.0"
        default = "yes" if name in DEFAULT_STREAMS else "no"
        lines.append(f"| {name} | {default} | {transport} |")
    lines.append("| DeletedRecord | with `detect_hard_deletes` | REST |")
    lines.append("| every other object, custom ones too | no | Bulk API 2.0 |")
    return "\n".join(lines)


TABLES = {"settings": settings_table, "streams": streams_table}


def fill(text: str) -> str:
    """Put the tables of the code between the README's marks."""
    for name, build in TABLES.items():
        block = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
        table = build().replace("\\", "\\\\")
        text, count = re.subn(block, rf"\g<1>{table}\n\g<2>", text, flags=re.DOTALL)
        assert count == 1, f"README.md lacks the marks of the table {name}"
    return text


if __name__ == "__main__":
    README.write_text(fill(README.read_text("utf-8")), "utf-8")
