"""Changing bizops.yml: only the words concerned, every other byte stays as it is.

A YAML library that writes a document anew moves comments and line ends about. Here
PyYAML says where a value stands in the text, the text is changed there, and the result
is read again: it must mean exactly what was asked for.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import yaml

from bizops_cli.config.document import compose, parse_document
from bizops_cli.config.problems import dotted
from bizops_cli.errors import BizopsError, ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import KeyPath

_WIDE = 10_000


class Absent:
    """What a key is set to that shall not be there."""


ABSENT: Final = Absent()


def changed_text(text: str, path: KeyPath, value: object, file: Path) -> str:
    """Return the text with one value set or removed.

    Raises:
        ConfigError: The text is no YAML.
        BizopsError: It cannot be changed here, because it uses anchors.
    """
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    old = parse_document(text, file).value
    wanted = _with(old, path, value)
    if wanted == old:
        return bom + text
    root = compose(text, file)
    if root is None:
        raise TypeError("a document that could be read has a root")
    try:
        result = _Editor(text).change(root, path, value)
        is_right = parse_document(result, file).value == wanted
    except (ConfigError, LookupError):
        is_right = False
    if not is_right:
        raise BizopsError(
            f"{file.name} is written in a way that cannot be changed here",
            f"Change {dotted(path)} by hand.",
        )
    return bom + result


def _with(value: dict[str, Any], path: KeyPath, new: object) -> dict[str, Any]:
    result = copy.deepcopy(value)
    place: Any = result
    for part in path[:-1]:
        if isinstance(place, dict) and place.get(part) is None:
            if isinstance(new, Absent):
                return result
            place[part] = {}
        place = place[part]
    if isinstance(new, Absent):
        place.pop(path[-1], None)
    else:
        place[path[-1]] = copy.deepcopy(new)
    return result


class _Editor:
    """One change of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def change(self, root: yaml.Node, path: KeyPath, value: object) -> str:
        node = root
        for depth, part in enumerate(path):
            if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                node = node.value[part]
                continue
            if not isinstance(node, yaml.MappingNode):
                break
            child = _child(node, part)
            is_last = depth == len(path) - 1
            if child is None or (not is_last and _is_empty(child, node)):
                rest = _nested(path[depth + 1 :], value)
                if child is None:
                    return self._insert(node, str(part), rest)
                return self._fill(node, child, rest)
            if is_last:
                if isinstance(value, Absent):
                    return self._remove(node, part)
                return self._replace(node, child, value)
            node = child
        raise LookupError(path)

    # Mappings

    def _insert(self, node: yaml.MappingNode, key: str, value: object) -> str:
        if node.flow_style:
            text = _flow({key: value})[1:-1]
            return self._insert_in_flow(node, text)
        block = _block({key: value}, node.start_mark.column, self.newline)
        return self._insert_line(_end(node), block)

    def _insert_in_flow(self, node: yaml.CollectionNode, text: str) -> str:
        if not node.value:
            at = node.end_mark.index - 1
            return self.text[:at] + text + self.text[at:]
        at = _end(_last(node))
        return f"{self.text[:at]}, {text}{self.text[at:]}"

    def _insert_line(self, after: int, line: str) -> str:
        at = self._line_end(after)
        head = self.text[:at]
        if not head.endswith("\n"):
            head += self.newline
        return head + line + self.text[at:]

    def _fill(self, parent: yaml.Node, empty: yaml.Node, value: object) -> str:
        """Give a key that stands without a value one."""
        in_flow = isinstance(parent, yaml.MappingNode) and parent.flow_style
        if in_flow or not isinstance(value, dict) or not value:
            return self._put(empty, _flow(value))
        at, end = empty.start_mark.index, empty.end_mark.index
        block = _block(value, parent.start_mark.column + 2, self.newline)
        line_start = self.text.rfind("\n", 0, at) + 1
        if not self.text[line_start:at].strip() and line_start < at:
            return self._cut(line_start, self._line_end(end), block)
        while at and self.text[at - 1] == " ":
            at -= 1
        self.text = self._cut(at, end)  # `~`, `null` or `{}`
        return self._insert_line(at, block)

    def _replace(self, parent: yaml.Node, node: yaml.Node, value: object) -> str:
        if isinstance(node, yaml.SequenceNode) and isinstance(value, list) and value:
            return self._change_list(node, value)
        if _is_empty(node, parent):
            return self._fill(parent, node, value)
        return self._put(node, _flow(value))

    def _put(self, node: yaml.Node, text: str) -> str:
        start, end = node.start_mark.index, _end(node)
        before, after = self.text[:start], self.text[end:]
        if start == end and not before.endswith((" ", "\n")):
            text = f" {text}"
        if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            after = self.newline + after
        return before + text + after

    def _remove(self, node: yaml.MappingNode, part: str | int) -> str:
        keys = [key.value for key, _ in node.value]
        index = keys.index(part)
        key, value = node.value[index]
        if len(keys) == 1:
            if node.flow_style:
                return self._put(node, "{}")
            return self._cut(node.start_mark.index, _end(node), "{}")
        spans = [(k.start_mark.index, _end(v)) for k, v in node.value]
        if node.flow_style:
            return self._cut_from_flow(spans, index)
        return self._cut_lines(key.start_mark.index, _end(value))

    def _cut(self, start: int, end: int, text: str = "") -> str:
        return self.text[:start] + text + self.text[end:]

    def _cut_from_flow(self, spans: list[tuple[int, int]], index: int) -> str:
        if index + 1 < len(spans):
            return self._cut(spans[index][0], spans[index + 1][0])
        return self._cut(spans[index - 1][1], spans[index][1])

    def _cut_lines(self, start: int, end: int) -> str:
        line_start = self.text.rfind("\n", 0, start) + 1
        return self._cut(line_start, self._line_end(end))

    def _line_end(self, index: int) -> int:
        """Return where the line of a place ends, its line end included."""
        if index and self.text[index - 1] == "\n":
            return index
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    # Lists

    def _change_list(self, node: yaml.SequenceNode, wanted: list[Any]) -> str:
        """Take out what goes and append what comes; another order is written anew."""
        words = [_word(item) for item in node.value]
        if None in words or not all(isinstance(item, str) for item in wanted):
            return self._put(node, _flow(wanted))
        kept = [word for word in words if word in wanted]
        new = wanted[len(kept) :]
        if kept != wanted[: len(kept)] or not kept or len(set(words)) != len(words):
            return self._put(node, _flow(wanted))
        gone = [i for i, word in enumerate(words) if word not in wanted]
        text = self._append(node, new) if new else self.text
        editor = _Editor(text)
        # All that goes stands before what was appended, so that the marks still hold.
        spans = [(i.start_mark.index, _end(i)) for i in node.value]
        for index in reversed(gone):
            if node.flow_style:
                editor.text = editor._cut_from_flow(spans, index)
                del spans[index]
            else:
                editor.text = editor._cut_lines(*spans[index])
        return editor.text

    def _append(self, node: yaml.SequenceNode, new: list[Any]) -> str:
        if node.flow_style:
            return self._insert_in_flow(node, ", ".join(map(_flow, new)))
        indent = " " * node.start_mark.column
        lines = "".join(f"{indent}- {_flow(item)}{self.newline}" for item in new)
        return self._insert_line(_end(node), lines)


def _child(node: yaml.MappingNode, part: str | int) -> yaml.Node | None:
    return next((v for k, v in node.value if k.value == part), None)


def _nested(path: KeyPath, value: object) -> object:
    for part in reversed(path):
        value = {part: value}
    return value


def _is_empty(node: yaml.Node, parent: yaml.Node) -> bool:
    """Tell whether a key has nothing, `~`, or in a block `{}` for a value."""
    if isinstance(node, yaml.ScalarNode):
        return node.style is None and node.value in {"", "~", "null", "Null", "NULL"}
    is_block = isinstance(parent, yaml.MappingNode) and not parent.flow_style
    return isinstance(node, yaml.MappingNode) and is_block and not node.value


def _end(node: yaml.Node) -> int:
    """Return where a node's own text ends; a block's mark is further behind."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        return _end(_last(node))
    return int(node.end_mark.index)


def _last(node: yaml.CollectionNode) -> yaml.Node:
    last: Any = node.value[-1]
    found: yaml.Node = last[1] if isinstance(last, tuple) else last
    return found


def _word(item: yaml.Node) -> str | None:
    """Return the text an item of a list is; None if it is no text."""
    if isinstance(item, yaml.ScalarNode) and item.tag.endswith(":str"):
        return str(item.value).replace("\ue000", "{").replace("\ue001", "}")
    return None


def _flow(value: object) -> str:
    """Return a value as it may stand on one line, inside brackets too."""
    text = yaml.safe_dump(
        [value],
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=_WIDE,
    )
    return text.strip()[1:-1]


def _block(value: dict[str, Any], indent: int, newline: str) -> str:
    """Return a mapping as lines; lists in it stay on one line."""
    text = ""
    for key, item in value.items():
        head = f"{' ' * indent}{_flow(key)}:"
        if isinstance(item, dict) and item:
            text += f"{head}{newline}{_block(item, indent + 2, newline)}"
        elif isinstance(item, list) and any(isinstance(part, dict) for part in item):
            lines = (f"{' ' * (indent + 2)}- {_flow(part)}{newline}" for part in item)
            text += f"{head}{newline}{''.join(lines)}"
        else:
            text += f"{head} {_flow(item)}{newline}"
    return text
