"""A tap of three records."""

from __future__ import annotations

import json
import sys

_STREAM = "thing"
_SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": ["null", "string"]}},
}


def main() -> None:
    """Print a catalog, or a schema, three records and a state."""
    if "--discover" in sys.argv:
        entry = {"tap_stream_id": _STREAM, "stream": _STREAM, "schema": _SCHEMA}
        selected = {"breadcrumb": [], "metadata": {"selected": True}}
        print(json.dumps({"streams": [{**entry, "metadata": [selected]}]}))
        return
    head = {"type": "SCHEMA", "stream": _STREAM, "schema": _SCHEMA}
    print(json.dumps({**head, "key_properties": ["id"]}))
    for number in range(3):
        record = {"id": number, "name": f"Thing {number}"}
        print(json.dumps({"type": "RECORD", "stream": _STREAM, "record": record}))
    state = {"bookmarks": {_STREAM: {"replication_key_value": 2}}}
    print(json.dumps({"type": "STATE", "value": state}))
