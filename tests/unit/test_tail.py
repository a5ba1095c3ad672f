"""A child's stderr: redacted, kept, bounded, and always read to its end."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.process.tail import Tail
from bizops_cli.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cret/token value"


def copy(tail: Tail, chunks: list[bytes]) -> str:
    out, into = os.pipe()

    def write() -> None:
        with os.fdopen(into, "wb", buffering=0) as stream:
            for chunk in chunks:
                stream.write(chunk)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(out, "rb") as source:
        tail.copy(source)
    writer.join()
    return tail.file.read_text("utf-8") if tail.file.is_file() else ""


@given(st.data())
def test_a_secret_is_masked_however_the_stream_is_cut(tmp_path_factory, data) -> None:
    file = tmp_path_factory.mktemp("tail") / "x.log"
    text = f"one {SECRET} two\nthree\n{SECRET}\nfour {SECRET[:9]}\n{SECRET[9:]} five"
    raw = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw) - 1), max_size=6)))
    chunks = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    tail = Tail(file, redactor=Redactor([SECRET]))

    log = copy(tail, chunks)

    assert log == "one **** two\nthree\n****\nfour ****\n five\n"
    assert not any("s3cret" in line for line in tail.last_lines())


def test_lines_are_passed_on_and_the_last_ones_kept(tmp_path: Path) -> None:
    lines: list[str] = []
    tail = Tail(tmp_path / "x.log", lines.append)

    copy(tail, [b"".join(b"line %d\n" % n for n in range(100)), b"\n\n"])

    assert lines[:2] == ["line 0", "line 1"]
    assert tail.last_lines(3) == ["line 97", "line 98", "line 99"]


def test_the_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "x.log")
    copy(tail, [b"a\n"])
    assert tail.file.stat().st_mode & 0o777 == 0o600


def test_a_log_does_not_grow_without_end(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "x.log", limit_bytes=1000)

    log = copy(tail, [b"x" * 99 + b"\n"] * 500)

    assert len(log) < 1200
    assert "the log is cut off here" in log
    assert tail.last_lines(1) == ["x" * 99]


def test_a_log_that_cannot_be_written_does_not_stop_the_child(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "nowhere" / "x.log")

    copy(tail, [b"a\n" * 100_000])

    assert "cannot be written" in tail.problem
    assert tail.last_lines(1) == ["a"]


def test_a_full_disk_does_not_stop_the_child() -> None:
    from pathlib import Path

    tail = Tail(Path("/dev/full"))
    out, into = os.pipe()
    os.write(into, b"a\nb\n")
    os.close(into)
    with os.fdopen(out, "rb") as source:
        tail.copy(source)
    assert "No space left on device" in tail.problem
    assert tail.last_lines() == ["a", "b"]


def test_bytes_that_are_no_utf_8_are_replaced(tmp_path: Path) -> None:
    assert (
        copy(Tail(tmp_path / "x.log"), [b"caf\xe9 \xc3", b"\xa9\n"]) == "caf\ufffd é\n"
    )


def test_a_line_without_end_is_shown_in_parts(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "x.log")
    assert len(copy(tail, [b"x" * 300_000])) == 300_001
