"""A tap on singer-sdk as it comes; runs where that is, so it imports nothing of ours.

It yields the records of a sample over and over, so that all it costs is emission.
"""

from __future__ import annotations

import json
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, Tap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class SampleStream(Stream):
    """The records of the sample."""

    primary_keys: ClassVar[Sequence[str]] = ("Id",)
    replication_key = "SystemModstamp"

    def get_records(self, context: object) -> Iterable[dict[str, Any]]:
        """Give as many records as the config says."""
        del context
        lines = Path(self.config["sample"]).read_text("utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        return map(dict, islice(cycle(records), self.config["count"]))


class SampleTap(Tap):
    """A tap of one stream."""

    name = "tap-sample"
    config_jsonschema: ClassVar[dict[str, Any]] = {"type": "object"}

    def discover_streams(self) -> list[Stream]:
        """Give the one stream, with the schema of the config."""
        schema = self.config["schema"]
        return [SampleStream(self, name=self.config["stream"], schema=schema)]


if __name__ == "__main__":
    SampleTap.cli()
