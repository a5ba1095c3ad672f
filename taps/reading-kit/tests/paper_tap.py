"""A small tap on the kit, for tests: its pages are made up, its troubles configured."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from reading_kit.command import ReadingTap, run_as_process
from reading_kit.errors import QuotaError, TapError, UnreachableError
from reading_kit.jsonlines import LineEncoder, decode_json_bytes, to_page
from reading_kit.settings_schema import switch, text, whole
from reading_kit.stream import ReadingStream
from reading_kit.timestamps import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reading_kit.pages import Page

NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
TROUBLES = {
    "failed": TapError("paper jam"),
    "unreachable": UnreachableError("no paper"),
    "quota": QuotaError("out of paper"),
}


class PaperStream(ReadingStream):
    primary_keys: ClassVar[Sequence[str]] = ["id"]
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        th.Property("amount", th.NumberType),
        th.Property("at", th.DateTimeType),
        th.Property("parts", th.ObjectType(additional_properties=True)),
    ).to_dict()

    def read_pages(self) -> Iterator[Page]:
        state = self.new_state(floor=datetime(2018, 1, 1, tzinfo=UTC))
        key = "at" if self.is_incremental else None
        start = state.start("at") if key else None
        encoder = LineEncoder(
            self.name, time_extracted=NOW, version=self.table_version, key=key
        )
        for number in range(self.config["pages"]):
            records = [
                record
                for record in make_records(number)
                if start is None or record["at"] > format_instant(start)
            ]
            names = self.selected_names()
            yield to_page(encoder, [{n: r[n] for n in names} for r in records])
            state.advance(key, max_key=encoder.max_key, cutoff=NOW)
            self.write_state()
            time.sleep(self.config["pause_ms"] / 1000)
            if trouble := self.config.get(f"trouble_{self.name}"):
                raise TROUBLES[trouble]


def make_records(page: int) -> list[dict[str, Any]]:
    return decode_json_bytes(
        b"[%s]"
        % b",".join(
            b'{"id":%d,"amount":0.10,"at":"2018-01-%02dT00:00:00.000Z","parts":{"n":1.50}}'
            % (page * 10 + n, page + 2)
            for n in range(10)
        )
    )


class TapPaper(ReadingTap):
    name = "tap-paper"
    package_name = "bizops-reading-kit"
    config_jsonschema = th.PropertiesList(
        whole("pages", 3, "Pages.", low=0, high=20),
        whole("pause_ms", 0, "Pause after a page.", low=0),
        text("trouble_first", "What happens.", allowed=tuple(TROUBLES)),
        text("trouble_second", "What happens.", allowed=tuple(TROUBLES)),
        text("key", "A secret.", secret=True),
        switch("is_keyed", "Whether streams are incremental.", default=True),
        switch("is_second_off", "Whether one is off by default.", default=False),
    ).to_dict()
    ignored_settings = frozenset({"legacy"})

    def discover_streams(self) -> list[PaperStream]:
        streams = [PaperStream(self, name=name) for name in ("first", "second")]
        for stream in streams:
            stream.replication_key = "at" if self.config["is_keyed"] else None
        streams[1].selected_by_default = not self.config["is_second_off"]
        return streams

    def finish_run(self) -> None:
        self.logger.info("finished")

    def abandon_run(self) -> None:
        self.logger.info("abandoned")


if __name__ == "__main__":
    run_as_process(TapPaper)
