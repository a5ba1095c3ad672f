"""Messages changed on their way: fields dropped, hashed, renamed; rows left out.

A field can have its schema replaced, too: its records then pass as they are. Only lines
of streams that have a mapping are parsed. What is not changed in them passes
byte for byte, so that no number goes through a float.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from bizops_cli.errors import ConfigError, TapInputError
from bizops_cli.model import StreamMapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_Raw = dict[str, msgspec.Raw]
_HEAD = re.compile(
    rb'\s*\{\s*"type"\s*:\s*"(RECORD|STATE)"\s*'
    rb'(?:,\s*"stream"\s*:\s*"((?:[^"\\]|\\.)*)"|(?=[,}]))'
)
_GLOB = re.compile(r"[*?\[]")
_HASHED = {"type": ["string", "null"], "minLength": 64, "maxLength": 64}
_NULL = b"null"


class _Envelope(msgspec.Struct):
    type: str
    stream: str = ""


def without_activations(block: bytes) -> bytes:
    """Return whole lines without ACTIVATE_VERSION messages."""
    if b"ACTIVATE_VERSION" not in block:
        return block
    return b"".join(
        line for line in block.splitlines(keepends=True) if not _is_activation(line)
    )


def _is_activation(line: bytes) -> bool:
    if b"ACTIVATE_VERSION" not in line:
        return False
    try:
        return msgspec.json.decode(line, type=_Envelope).type == "ACTIVATE_VERSION"
    except (msgspec.DecodeError, RecursionError):
        return False


def has_hashes(mappings: Mapping[str, StreamMapping]) -> bool:
    """Tell whether a field is to be hashed, for which a secret is needed."""
    return any(mapping.hash for mapping in mappings.values())


@dataclass(slots=True)
class Mapper:
    """Changes the messages of one tap.

    Attributes:
        tap: Its name, for messages.
        mappings: By stream name or pattern; of several that fit all are applied.
        secret: Key of the hashes (HMAC-SHA256); needed if anything is hashed.
        schemas: By stream name, the schemas fields are given before all else.
    """

    tap: str
    mappings: Mapping[str, StreamMapping]
    secret: str = field(default="", repr=False)
    schemas: Mapping[str, Mapping[str, Mapping[str, object]]] = field(
        default_factory=dict
    )
    _by_stream: dict[str, StreamMapping | None] = field(default_factory=dict)

    def change(self, block: bytes) -> bytes:
        """Return whole lines as the target shall read them.

        Raises:
            ConfigError: A mapping names a field its stream does not have, or drops a
                field of its key.
            TapInputError: A line of a mapped stream is no JSON, or stands for files.
        """
        parts = block.split(b"\n")
        return b"".join(self._line(part + b"\n") for part in parts[:-1]) + parts[-1]

    def _line(self, line: bytes) -> bytes:
        match = _HEAD.match(line)
        if match is not None and match.group(1) == b"STATE":
            return line
        if match is not None and match.group(2) is not None:
            name = match.group(2)
            stream = (
                name.decode()
                if b"\\" not in name
                else msgspec.json.decode(b'"' + name + b'"', type=str)
            )
            kind = "RECORD"
        else:
            try:
                envelope = msgspec.json.decode(line, type=_Envelope)
            except (msgspec.DecodeError, RecursionError):
                return line  # whoever counts the messages says what is wrong
            kind, stream = envelope.type, envelope.stream
        mapping = self._mapping(stream)
        if mapping is None or kind not in {"RECORD", "SCHEMA", "BATCH"}:
            return line
        if kind != "SCHEMA" and not mapping.changes_records:
            return line
        return self._changed(kind, stream, mapping, line)

    def _mapping(self, stream: str) -> StreamMapping | None:
        if stream not in self._by_stream:
            fitting = [m for p, m in self.mappings.items() if fnmatchcase(stream, p)]
            if stream in self.schemas:
                fitting.append(StreamMapping(schemas=self.schemas[stream]))
            self._by_stream[stream] = _merged(fitting) if fitting else None
        return self._by_stream[stream]

    def _changed(
        self, kind: str, stream: str, mapping: StreamMapping, line: bytes
    ) -> bytes:
        if kind == "BATCH":
            raise TapInputError(
                f"{self.tap} sends {stream} in files, which no mapping changes",
                f"Remove `batch_config` from {self.tap}, or the mapping of {stream}.",
            )
        try:
            message = msgspec.json.decode(line, type=_Raw)
            if kind == "SCHEMA":
                return self._schema(stream, mapping, message)
            record = msgspec.json.decode(message["record"], type=_Raw)
        except (msgspec.DecodeError, KeyError, RecursionError) as error:
            raise TapInputError(
                f"{self.tap} wrote a {kind} of {stream} that is no valid JSON",
                "Report it to the tap's authors.",
            ) from error
        if not _passes(record, mapping):
            return b""
        for name in mapping.drop:
            record.pop(name, None)
        for name in mapping.hash:
            if name in record:
                record[name] = self._hash(record[name])
        message["record"] = _encoded(_renamed(record, mapping.rename))
        return msgspec.json.encode(message) + b"\n"

    def _hash(self, value: msgspec.Raw) -> msgspec.Raw:
        text = bytes(value)
        if text == _NULL:
            return value
        if text.startswith(b'"'):
            text = msgspec.json.decode(text, type=str).strip().lower().encode()
        digest = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        return _encoded(digest)

    # Schemas

    def _schema(self, stream: str, mapping: StreamMapping, message: _Raw) -> bytes:
        schema: dict[str, Any] = json.loads(bytes(message["schema"]))
        properties: dict[str, Any] = schema.get("properties") or {}
        keys: list[str] = json.loads(bytes(message.get("key_properties", b"[]"))) or []
        self._check(stream, mapping, properties, keys)
        given = {n: s for n, s in mapping.schemas.items() if n in properties}
        properties.update(given)
        for name in mapping.drop:
            properties.pop(name, None)
        for name in mapping.hash:
            if name in properties:
                properties[name] = _HASHED
        schema["properties"] = _renamed(properties, mapping.rename)
        if isinstance(schema.get("required"), list):
            left = [n for n in schema["required"] if n not in mapping.drop]
            schema["required"] = _renamed_list(left, mapping)
        message["schema"] = _encoded(schema)
        for part in ("key_properties", "bookmark_properties"):
            if part in message and bytes(message[part]) != _NULL:
                names = json.loads(bytes(message[part]))
                message[part] = _encoded(_renamed_list(names, mapping))
        return msgspec.json.encode(message) + b"\n"

    def _check(
        self,
        stream: str,
        mapping: StreamMapping,
        properties: Mapping[str, Any],
        keys: Iterable[str],
    ) -> None:
        dropped_keys = sorted(set(keys) & set(mapping.drop))
        if dropped_keys:
            raise ConfigError(
                f"the mapping of {stream} drops {dropped_keys[0]!r}, "
                "which is of its key",
                f"Hash it instead: mapping of {self.tap} in bizops.yml.",
            )
        renamed = set(mapping.rename.values()) & (properties.keys() - set(mapping.drop))
        twice = sorted(renamed - mapping.rename.keys())
        if twice or len(set(mapping.rename.values())) < len(mapping.rename):
            raise ConfigError(
                f"the mapping of {stream} gives a name that another field has: "
                f"{', '.join(twice) or 'two new names are the same'}",
                f"Choose another: mapping of {self.tap} in bizops.yml.",
            )
        exact = self.mappings.get(stream)
        if exact is None or _GLOB.search(stream):
            return
        for name in exact.named_fields():
            if name not in properties:
                raise ConfigError(
                    f"the mapping of {stream} names the field {name!r}, "
                    "which the stream does not have",
                    f"Correct it, or select the field; {_nearest(name, properties)}",
                )


def _merged(mappings: list[StreamMapping]) -> StreamMapping:
    first, *others = mappings
    for other in others:
        first = StreamMapping(
            drop=(*first.drop, *other.drop),
            hash=(*first.hash, *other.hash),
            rename={**first.rename, **other.rename},
            keep_where={**first.keep_where, **other.keep_where},
            drop_where={**first.drop_where, **other.drop_where},
            schemas={**first.schemas, **other.schemas},
        )
    return first


def _passes(record: _Raw, mapping: StreamMapping) -> bool:
    return all(
        _is_one_of(record.get(name), values)
        for name, values in mapping.keep_where.items()
    ) and not any(
        _is_one_of(record.get(name), values)
        for name, values in mapping.drop_where.items()
    )


def _is_one_of(value: msgspec.Raw | None, allowed: tuple[object, ...]) -> bool:
    found = None if value is None else json.loads(bytes(value))
    return any(
        found == item and isinstance(found, bool) == isinstance(item, bool)
        for item in allowed
    )


def _renamed(values: dict[str, Any], rename: Mapping[str, str]) -> dict[str, Any]:
    return {rename.get(name, name): value for name, value in values.items()}


def _renamed_list(names: list[str], mapping: StreamMapping) -> list[str]:
    return [mapping.rename.get(name, name) for name in names]


def _encoded(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "see `bizops select TAP --list`."
