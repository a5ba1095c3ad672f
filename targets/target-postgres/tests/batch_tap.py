"""A tap made with Meltano's Singer SDK as it comes, for tests: it sends BATCH files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterable

PROPERTIES = th.PropertiesList(
    th.Property("id", th.IntegerType, required=True),
    th.Property("name", th.StringType),
    th.Property("amount", th.NumberType),
    th.Property("at", th.DateTimeType),
    th.Property("tags", th.ArrayType(th.StringType)),
    th.Property("place", th.ObjectType(th.Property("city", th.StringType))),
)


def row(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Zoë\t{number}\\",
        "amount": number / 4,
        "at": "2024-01-01T00:00:00+05:00",
        "tags": ["a", "b"],
        "place": None if number % 3 else {"city": "Łódź"},
    }


class Things(Stream):
    """Rows by number."""

    name = "things"
    primary_keys = ("id",)
    replication_key = "id"
    is_sorted = True
    schema = PROPERTIES.to_dict()

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        start = self.get_starting_replication_key_value(context) or 0
        for number in range(start, self.config["rows"]):
            yield row(number)


class BatchTap(Tap):
    """One stream."""

    name = "tap-of-batches"
    config_jsonschema = th.PropertiesList(
        th.Property("rows", th.IntegerType, default=25)
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [Things(self)]


if __name__ == "__main__":
    BatchTap.cli()
