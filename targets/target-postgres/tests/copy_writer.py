"""A writer of pgcopy files, by the rules of doc/target.md and nothing else."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Digits(str):
    """A number with the digits it shall be sent with."""

    __slots__ = ()


def field(value: Any, *, is_json: bool) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, Digits):
        return str(value)
    if is_json:
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return json.dumps(value).translate(_ESCAPES)


def is_json_property(node: Mapping[str, Any]) -> bool:
    kinds = node.get("type", ["object"])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return bool({"object", "array"} & set(kinds))


def rows(
    records: Iterable[Mapping[str, Any]],
    properties: Mapping[str, Mapping[str, Any]],
    names: Sequence[str],
) -> list[bytes]:
    return [
        "\t".join(
            field(record.get(name), is_json=is_json_property(properties[name]))
            for name in names
        ).encode("utf-8", "surrogatepass")
        for record in records
    ]


def write_lines(path: Path, lines: Iterable[bytes], *, compression: str) -> str:
    content = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if compression == "gzip" else content)
    return path.as_uri()


def write_copy_file(
    path: Path,
    records: Iterable[Mapping[str, Any]],
    properties: Mapping[str, Mapping[str, Any]],
    *,
    names: Sequence[str] | None = None,
    compression: str = "gzip",
) -> str:
    names = list(properties) if names is None else names
    head = "\t".join(name.translate(_ESCAPES) for name in names).encode()
    lines = [head, *rows(records, properties, names)]
    return write_lines(path, lines, compression=compression)


def copy_batch(
    *urls: str, stream: str = "s", compression: str = "gzip", **more: Any
) -> Any:
    encoding = {"format": "pgcopy", "compression": compression}
    message = {"type": "BATCH", "stream": stream, "encoding": encoding}
    return {**message, "manifest": list(urls), **more}
