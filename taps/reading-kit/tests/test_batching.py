"""Lines of pages become files of records, whatever lines look like."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.helpers._batch import BatchConfig

from reading_kit.batching import BatchWriter, can_write
from reading_kit.jsonlines import LineEncoder, to_page
from reading_kit.pages import Page

NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
LATER = datetime(2018, 2, 1, tzinfo=UTC)
NASTY = ',"record":{},"version":7,"time_extracted":"2018"}'
TEXT = st.sampled_from([NASTY, f'{{"x"{NASTY}', "", "zoë\n"]) | st.text()
RECORDS = st.lists(st.dictionaries(TEXT, TEXT | st.integers(), max_size=3), max_size=9)


def new_config(folder: Path, *, size=4, compression="gzip") -> BatchConfig:
    encoding = {"format": "jsonl", "compression": compression}
    storage = {"root": folder.as_uri(), "prefix": "p-"}
    return BatchConfig(encoding=encoding, storage=storage, batch_size=size)


def write(pages, config) -> list:
    messages: list = []
    batches = BatchWriter(
        config, tap="tap-x", stream="Lead", write_message=messages.append
    )
    for page in pages:
        batches.add(page)
    batches.flush()
    return messages


def read(message) -> list:
    content = Path(message.manifest[0].removeprefix("file://")).read_bytes()
    if message.encoding.compression == "gzip":
        content = gzip.decompress(content)
    return [json.loads(line) for line in content.splitlines()]


@given(records=RECORDS, version=st.none() | st.integers(1, 10**13))
@pytest.mark.parametrize("compression", ["gzip", None])
def test_files_hold_the_records_in_order_and_none_too_many(
    tmp_path_factory, compression, records, version
):
    folder = tmp_path_factory.mktemp("batches")
    encoder = LineEncoder("Lead", time_extracted=NOW, version=version)
    pages = [to_page(encoder, records[:3]), to_page(encoder, records[3:])]
    messages = write(pages, new_config(folder, compression=compression))
    assert [record for message in messages for record in read(message)] == records
    assert all(len(read(message)) == 4 for message in messages[:-1])
    assert {message.version for message in messages} <= {version}
    assert {message.time_extracted for message in messages} <= {
        "2018-01-31T23:59:59.000Z"
    }


def test_records_of_another_time_or_version_go_to_another_file(tmp_path):
    lines = b"".join(
        LineEncoder("Lead", time_extracted=time, version=version).encode([{"id": n}])
        for n, (time, version) in enumerate(
            [(NOW, None), (NOW, None), (LATER, None), (LATER, 5), (LATER, 5)]
        )
    )
    messages = write([Page(5, lines)], new_config(tmp_path, size=100))
    assert [[row["id"] for row in read(message)] for message in messages] == [
        [0, 1],
        [2],
        [3, 4],
    ]
    assert [message.version for message in messages] == [None, None, 5]


def test_lines_in_another_form_are_read_too(tmp_path):
    line = {"time_extracted": "2018", "type": "RECORD", "record": {"id": 1}}
    text = "".join(
        json.dumps({"stream": "Lead", **line, "record": {"id": n}}) + "\n"
        for n in range(3)
    ).replace(": ", ":")
    messages = write([Page(3, text.encode())], new_config(tmp_path, size=100))
    assert [row["id"] for row in read(messages[0])] == [0, 1, 2]


def test_a_file_is_not_worth_a_state_while_it_is_nearly_empty(tmp_path):
    encoder = LineEncoder("Lead", time_extracted=NOW)
    batches = BatchWriter(
        new_config(tmp_path, size=100), tap="t", stream="s", write_message=print
    )
    batches.add(to_page(encoder, [{"id": n} for n in range(24)]))
    assert not batches.is_worth_telling()
    batches.add(to_page(encoder, [{"id": 24}]))
    assert batches.is_worth_telling()


def test_other_formats_are_left_to_the_sdk(tmp_path):
    config = new_config(tmp_path)
    assert can_write(config)
    config.encoding.format = "parquet"
    assert not can_write(config)
