"""What fields tell about persons stands in catalogs and schemas."""

from __future__ import annotations

from tap_gitlab.personal import PERSONAL
from tap_gitlab.stream_table import STREAMS


def test_every_field_named_is_a_column_of_its_stream():
    columns = {spec.name: {c.name for c in spec.columns} for spec in STREAMS}
    for stream, fields in PERSONAL.items():
        assert set(fields) <= columns[stream], stream


def test_addresses_and_names_in_any_stream_are_told(site):
    for entry in site.discover()["streams"]:
        for name, spec in entry["schema"]["properties"].items():
            if "boolean" in spec["type"]:
                continue
            if name.endswith(("email", "_ip")) or name in {"author", "username"}:
                assert spec["x-personal"], (entry["stream"], name)


def test_schemas_tell_what_catalogs_do(site):
    catalog = site.select("commits")
    outcome = site.run(catalog=catalog)
    properties = outcome.schema("commits")["properties"]
    assert properties["author_email"]["x-personal"] == "email"
    assert "x-personal" not in properties["committed_date"]
