"""Rows in files are counted as the target will read them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from bizops_cli.process.batch_files import count_batch_rows

if TYPE_CHECKING:
    from pathlib import Path


def message(*urls: str) -> bytes:
    value = {"type": "BATCH", "stream": "a", "encoding": {}, "manifest": list(urls)}
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("content", "rows"),
    [(b"", 0), (b"{}\n", 1), (b"{}\n{}", 2), (b"{}\n" * 400_000, 400_000)],
)
def test_each_line_is_a_row_compressed_or_not(
    tmp_path: Path, content: bytes, rows: int
) -> None:
    plain, packed = tmp_path / "a b.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    assert count_batch_rows(message(plain.as_uri())) == rows
    assert count_batch_rows(message(packed.as_uri(), plain.as_uri())) == 2 * rows


def test_files_that_cannot_be_read_count_as_none(tmp_path: Path) -> None:
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b"{}\n" * 1000)[:-20])
    elsewhere = "s3://bucket/a.jsonl"
    missing = (tmp_path / "none").as_uri()
    assert count_batch_rows(message(elsewhere, missing, torn.as_uri())) == 0
    assert count_batch_rows(b'{"type": "BATCH", "stream": "a"}') == 0
    assert count_batch_rows(b"not json") == 0
