"""YAML as plain values with the line of each, strict where YAML surprises.

Words follow YAML 1.2: only true/false are booleans, dates and `yes` stay text. No tag
is executed, a key may stand once, aliases cannot blow the document up. `${NAME}` may
stand unquoted inside `{}` too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from bizops_cli.errors import ConfigError
from bizops_cli.model import KeyPath, Position, file_label

if TYPE_CHECKING:
    from pathlib import Path

MAX_NODES = 50_000
_MAX_DEPTH = 60
_TAG = "tag:yaml.org,2002:"
_OPEN, _CLOSE = "\ue000", "\ue001"
_VARIABLE = re.compile(r"\$\{([^{}\n]*)\}")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"
)


class _Loader(yaml.SafeLoader):
    """A safe loader that knows the scalar types of YAML 1.2 and no others."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_Loader.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    f"{_TAG}null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Loader.add_implicit_resolver(f"{_TAG}int", _INTEGER, list("-+0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}float", _FLOAT, list("-+.0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}merge", re.compile(r"<<$"), ["<"])


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file's value and the line of everything in it."""

    value: dict[str, Any]
    positions: dict[KeyPath, Position]


def read_document(file: Path) -> Document:
    """Read a YAML file whose top is a mapping.

    Raises:
        ConfigError: The file is missing, no UTF-8, no YAML, or breaks a rule above.
    """
    return parse_document(read_text(file, file).removeprefix("\ufeff"), file)


def read_text(file: Path, label: Path) -> str:
    """Return a file's text, every line end as it is.

    Args:
        file: What to read.
        label: For messages.

    Raises:
        ConfigError: The file is missing, or no UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{file_label(label)} is not UTF-8 text (byte {error.start})",
            "Save it as UTF-8.",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror}", "Check the file's permissions."
        ) from error


def parse_document(text: str, file: Path) -> Document:
    """Read the text of a YAML file whose top is a mapping.

    Args:
        text: What is in the file.
        file: For messages.

    Raises:
        ConfigError: The text is no YAML, or breaks a rule above.
    """
    node = compose(text, file)
    builder = _Builder(file)
    value = builder.build(node, ()) if node else None
    if not isinstance(value, dict):
        name = file_label(file)
        raise ConfigError(
            f"{name} is empty" if value is None else f"{name} is no mapping",
            "It starts with `version: 1` and `project: <name>`; see doc/config.md.",
        )
    return Document(value, builder.positions)


def compose(text: str, file: Path) -> yaml.Node | None:
    """Return the text's nodes, whose marks count in the text as it is.

    Raises:
        ConfigError: The text is no YAML.
    """
    try:
        loader = _Loader(_VARIABLE.sub(rf"${_OPEN}\1{_CLOSE}", text))
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = " ".join(filter(None, [error.context, error.problem]))
        raise ConfigError(
            f"{file_label(file)}:{line}: not valid YAML: {_with_braces(problem)}",
            _yaml_step(problem),
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        too_deep = isinstance(error, RecursionError)
        problem = "nested too deeply" if too_deep else str(error)
        raise ConfigError(f"{file_label(file)}: not valid YAML: {problem}") from error


def _yaml_step(problem: str) -> str:
    if "'\\t'" in problem:
        return "There is a tab; indent with spaces."
    return "Look at the indentation, quotes and brackets on this line and above it."


def _with_braces(text: str) -> str:
    return text.replace(_OPEN, "{").replace(_CLOSE, "}")


@dataclass(slots=True)
class _Builder:
    file: Path
    positions: dict[KeyPath, Position] = field(default_factory=dict)
    nodes: int = 0
    open_nodes: set[int] = field(default_factory=set)

    def build(self, node: yaml.Node, path: KeyPath) -> Any:  # noqa: ANN401
        self._count(node, path)
        self.positions.setdefault(path, self._position(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self.open_nodes.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return self._sequence(node, path)
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
        finally:
            self.open_nodes.discard(id(node))
        raise self._error(node, "this kind of YAML node is not allowed")

    def _count(self, node: yaml.Node, path: KeyPath) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > _MAX_DEPTH:
            raise self._error(node, "the document is too large; aliases multiply it")
        if id(node) in self.open_nodes:
            raise self._error(node, "an alias contains itself")

    def _position(self, node: yaml.Node) -> Position:
        return Position(self.file, node.start_mark.line + 1)

    def _error(self, node: yaml.Node, problem: str, step: str = "") -> ConfigError:
        return ConfigError(f"{self._position(node)}: {problem}", step)

    def _scalar(self, node: yaml.ScalarNode) -> object:
        text = _with_braces(node.value)
        match node.tag.removeprefix(_TAG):
            case "str" | "merge":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if _INTEGER.match(text):
                return int(text)
            case "float" if _FLOAT.match(text):
                return float(text)
        raise self._error(
            node, f"the tag {node.tag!r} is not allowed", "Write the plain value."
        )

    def _sequence(self, node: yaml.SequenceNode, path: KeyPath) -> list[object]:
        if node.tag != f"{_TAG}seq":
            raise self._error(node, f"the tag {node.tag!r} is not allowed")
        return [
            self.build(item, (*path, index)) for index, item in enumerate(node.value)
        ]

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        if node.tag != f"{_TAG}map":
            raise self._error(node, f"the tag {node.tag!r} is not allowed")
        own: dict[str, object] = {}
        merged: dict[str, object] = {}
        first_line: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                merged = {**self._merged(value_node, path), **merged}
                continue
            key = self._key(key_node)
            if key in own:
                raise self._error(
                    key_node,
                    f"the key {key!r} stands twice (first on line {first_line[key]})",
                    "Keep one of the two.",
                )
            first_line[key] = key_node.start_mark.line + 1
            self.positions[(*path, key)] = self._position(key_node)
            own[key] = self.build(value_node, (*path, key))
        return {**merged, **own}

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "a key must be text")
        return _with_braces(node.value)

    def _merged(self, node: yaml.Node, path: KeyPath) -> dict[str, object]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result: dict[str, object] = {}
        for item in reversed(nodes):
            value = self.build(item, path)
            if not isinstance(value, dict):
                raise self._error(node, "`<<` takes a mapping")
            result |= value
        return result
