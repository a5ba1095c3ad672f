"""Files from a real server arrive whole, however often the transfer breaks."""

from __future__ import annotations

import gzip
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.downloading import download, open_chunks
from reading_kit.errors import IncompleteDataError, SpoolError, UnreachableError
from reading_kit.sending import Call

CONTENT = random.Random(1).randbytes(300_000)  # noqa: S311


def ranged(content, *, cut_after=None, etag='"one"'):
    """Answer with the bytes asked for, of which ``cut_after`` come."""

    def answer(handler) -> None:
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        same = handler.headers.get("If-Range", etag) == etag
        start = int(match[1]) if match and same else 0
        part = content[start:]
        handler.send_response(206 if start else 200)
        if start:
            last = len(content) - 1
            handler.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(part)))
        handler.end_headers()
        handler.wfile.write(part[:cut_after])
        handler.wfile.flush()
        handler.close_connection = cut_after is not None

    return answer


@pytest.fixture
def load(server, new_sender, clock, tmp_path):
    path = tmp_path / "file"

    def run(**options):
        call = Call("GET", f"{server.url}/file")
        size_bytes = download(new_sender(), call, path, clock=clock, **options)
        return size_bytes, path.read_bytes()

    return run


def test_a_file_arrives_as_it_is(server, load):
    server.answers = [ranged(CONTENT)]
    assert load(announced_bytes=len(CONTENT)) == (len(CONTENT), CONTENT)


def test_a_broken_transfer_goes_on_where_it_stopped(server, load):
    cut = ranged(CONTENT, cut_after=100_000)
    server.answers = [cut, cut, ranged(CONTENT)]
    assert load() == (len(CONTENT), CONTENT)
    ranges = [headers.get("range") for _, _, headers in server.requests]
    assert ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_file_that_changed_meanwhile_is_loaded_anew(server, load):
    other = CONTENT[::-1]
    server.answers = [ranged(CONTENT, cut_after=100_000), ranged(other, etag='"two"')]
    assert load() == (len(other), other)


def test_a_server_without_ranges_sends_all_again(server, load, answering):
    server.answers = [answering(body=CONTENT, cut_at=5), answering(body=CONTENT)]
    assert load() == (len(CONTENT), CONTENT)


def test_ranges_are_not_asked_for_where_they_are_not_trusted(server, load):
    server.answers = [ranged(CONTENT, cut_after=100_000), ranged(CONTENT)]
    assert load(is_resumable=False) == (len(CONTENT), CONTENT)
    assert all("range" not in headers for _, _, headers in server.requests)


def test_a_range_beyond_the_end_begins_again(server, load, answering):
    server.answers = [
        ranged(CONTENT, cut_after=1000),
        answering(416),
        ranged(CONTENT),
    ]
    assert load() == (len(CONTENT), CONTENT)


def test_a_transfer_that_breaks_again_and_again_is_given_up(server, load):
    server.answers = [ranged(CONTENT, cut_after=10)]
    with pytest.raises(UnreachableError, match="broke 8 times"):
        load()


def test_another_size_than_announced_is_refused(server, load):
    server.answers = [ranged(CONTENT)]
    with pytest.raises(IncompleteDataError, match="announced 7"):
        load(announced_bytes=7)


def test_a_full_disk_is_told_from_a_broken_connection(server, new_sender, clock):
    from pathlib import Path

    server.answers = [ranged(CONTENT)]
    call = Call("GET", f"{server.url}/file")
    with pytest.raises(SpoolError, match="No space left"):
        download(new_sender(), call, Path("/dev/full"), clock=clock)


@given(st.lists(st.binary(max_size=200_000), max_size=3))
def test_a_file_is_read_packed_or_not(tmp_path_factory, parts):
    folder = tmp_path_factory.mktemp("files")
    plain, packed = folder / "plain", folder / "packed"
    content = b"x" + b"".join(parts)
    plain.write_bytes(content)
    packed.write_bytes(b"".join(map(gzip.compress, [b"x", *parts])))
    assert b"".join(open_chunks(plain)) == content
    assert b"".join(open_chunks(packed)) == content


def test_a_packed_file_that_is_cut_or_damaged_is_refused(tmp_path):
    packed = gzip.compress(CONTENT)
    for content in (packed[:-5], packed[:500], packed[:500] + b"#" * 500):
        path = tmp_path / "packed"
        path.write_bytes(content)
        with pytest.raises(IncompleteDataError):
            list(open_chunks(path))
