"""Singer messages other than plain records: what a line says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from target_postgres.errors import BadInputError, Place
from target_postgres.json_exact import NumberText, parse_json


class Message(msgspec.Struct, gc=False):
    """The outside of any Singer message; what it carries is still raw JSON."""

    type: str
    stream: str | None = None
    record: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    schema: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    key_properties: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    version: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    encoding: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    manifest: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    time_extracted: msgspec.Raw = msgspec.Raw(b"null")
    remove_files: bool = False


class Encoding(msgspec.Struct):
    """How the files of a BATCH are written."""

    format: str
    compression: str | None = None


@dataclass(frozen=True, slots=True)
class BatchMessage:
    """A BATCH message.

    Attributes:
        encoding: How its files are written.
        manifest: URLs of its files, in order.
        time_extracted: Raw JSON of when its records were extracted; `null` if unsaid.
        version: The records' version.
        remove_files: Whether the tap leaves it to the target to remove the files.
    """

    encoding: Encoding
    manifest: tuple[str, ...]
    time_extracted: msgspec.Raw
    version: int | None
    remove_files: bool


@dataclass(frozen=True, slots=True)
class SchemaMessage:
    """A SCHEMA message.

    Attributes:
        stream: Name of the stream.
        schema: The decoded JSON Schema, numbers as Python numbers.
        key_properties: Names of the keys, or None when the message names none.
    """

    stream: str
    schema: Any
    key_properties: tuple[str, ...] | None


_decode = msgspec.json.Decoder(Message).decode


def read_message(line: bytes, number: int) -> Message:
    """Read the outside of a message.

    Args:
        line: One line.
        number: Its line number.

    Raises:
        BadInputError: If it is not a JSON object with a `type`.
    """
    place = Place(line=number)
    try:
        return _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"invalid UTF-8 at byte {error.start} of the line", place
        ) from None
    try:
        content = parse_json(text)
    except ValueError as error:
        reason = getattr(error, "msg", None) or str(error)
        raise BadInputError(f"not a Singer message: {reason}", place) from None
    return _from_parsed(content, place)


def _from_parsed(content: object, place: Place) -> Message:
    """Take a message with NaN or Infinity in its record; elsewhere they are wrong."""
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise BadInputError("not a Singer message: no type", place)
    kind, stream = content["type"], content.get("stream")
    if stream is not None and (
        not isinstance(stream, str) or isinstance(stream, NumberText)
    ):
        raise BadInputError("stream is not a text", place)
    if kind != "RECORD":
        raise BadInputError(f"{kind} message with a value that is not JSON", place)
    return Message(type=str(kind), stream=stream)


def required_stream(message: Message, number: int) -> str:
    """Give the message's stream.

    Raises:
        BadInputError: If it names none.
    """
    if message.stream is None:
        raise BadInputError(f"{message.type} without a stream", Place(line=number))
    return message.stream


def read_schema_message(message: Message, number: int) -> SchemaMessage:
    """Read a SCHEMA message.

    Raises:
        BadInputError: If it lacks a stream or a schema, or its keys are no names.
    """
    stream = required_stream(message, number)
    place = Place(line=number, stream=stream)
    if isinstance(message.schema, msgspec.UnsetType):
        raise BadInputError("SCHEMA without a schema", place)
    keys: tuple[str, ...] | None = None
    try:
        schema = msgspec.json.decode(message.schema)
        if not isinstance(message.key_properties, msgspec.UnsetType):
            given = msgspec.json.decode(message.key_properties, type=list[str] | None)
            keys = None if given is None else tuple(given)
    except (msgspec.MsgspecError, RecursionError):
        raise BadInputError("key_properties is not a list of names", place) from None
    return SchemaMessage(stream, schema, keys)


def read_state_value(message: Message, number: int) -> str:
    """Give a STATE's value as JSON text, as it came.

    Raises:
        BadInputError: If there is none.
    """
    if isinstance(message.value, msgspec.UnsetType):
        raise BadInputError("STATE without a value", Place(line=number))
    try:
        return bytes(message.value).decode()
    except UnicodeDecodeError:
        raise BadInputError("invalid UTF-8 in a STATE", Place(line=number)) from None


def read_version(message: Message, number: int) -> int:
    """Give an ACTIVATE_VERSION's version.

    Raises:
        BadInputError: If it is not a whole number.
    """
    place = Place(line=number, stream=message.stream)
    if isinstance(message.version, msgspec.UnsetType):
        raise BadInputError("ACTIVATE_VERSION without a version", place)
    try:
        return msgspec.json.decode(message.version, type=int)
    except msgspec.MsgspecError:
        raise BadInputError("version is not a whole number", place) from None


def read_batch_message(message: Message, number: int) -> BatchMessage:
    """Read a BATCH message, of the SDK's form.

    Raises:
        BadInputError: If its encoding or manifest is missing or wrong.
    """
    place = Place(line=number, stream=message.stream)
    if isinstance(message.encoding, msgspec.UnsetType) or isinstance(
        message.manifest, msgspec.UnsetType
    ):
        raise BadInputError("BATCH without encoding or manifest", place)
    try:
        encoding = msgspec.json.decode(message.encoding, type=Encoding)
        manifest = msgspec.json.decode(message.manifest, type=tuple[str, ...])
    except msgspec.MsgspecError as error:
        raise BadInputError(f"BATCH is not understood: {error}", place) from None
    version = message.version
    has_version = not isinstance(version, msgspec.UnsetType) and version != b"null"
    return BatchMessage(
        encoding=encoding,
        manifest=manifest,
        time_extracted=message.time_extracted,
        version=read_version(message, number) if has_version else None,
        remove_files=message.remove_files,
    )
