"""One object's fields as a client asks for them, nested ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.facebook_fields import NODE_FIELDS
from bizops_sandbox.servers.facebook.graph_errors import (
    bad_parameter,
    nonexisting_field,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.simulator import Simulator

    Wanted = Sequence[tuple[str, "Wanted | None"]]

_ID_ONLY = (("id", None),)
# Fields that hold another object, and by which parent it is found.
_REFERENCES = {"creative": "creative", "campaign": "campaign", "adset": "adset"}


def read_fields(text: str) -> Wanted:
    """Read a `fields` parameter: `id,name,creative{id,body}`.

    Raises:
        GraphError: when braces do not match.
    """
    wanted, rest = _read_level(text.replace(" ", ""))
    if rest:
        raise bad_parameter("Syntax error: unexpected '}' in the fields parameter")
    return wanted or _ID_ONLY


def _read_level(text: str) -> tuple[Wanted, str]:
    wanted: list[tuple[str, Wanted | None]] = []
    name = ""
    while text:
        char, text = text[0], text[1:]
        if char == "{":
            inner, text = _read_level(text)
            if not text.startswith("}"):
                raise bad_parameter(
                    "Syntax error: expected '}' in the fields parameter"
                )
            wanted.append((name, inner))
            name, text = "", text[1:]
        elif char == "}":
            text = char + text
            break
        elif char == ",":
            if name:
                wanted.append((name, None))
            name = ""
        else:
            name += char
    if name:
        wanted.append((name, None))
    return tuple(wanted), text


def field_names(kind: str, simulator: Simulator) -> frozenset[str]:
    """The fields objects of a kind have now, as faults leave them."""
    board = simulator.faults
    removed = {
        str(fault.parameters["field"])
        for fault in board.lasting("field_removed")
        if _is_about(fault.parameters["object"], kind)
    }
    added = {
        str(fault.parameters["field"])
        for fault in board.lasting("field_added")
        if _is_about(fault.parameters["object"], kind)
    }
    return (NODE_FIELDS[kind] | added) - removed


def check_fields(wanted: Wanted, kind: str, simulator: Simulator) -> None:
    """Refuse a field that this kind does not have.

    Raises:
        GraphError: naming the first one.
    """
    known = field_names(kind, simulator)
    for name, _ in wanted:
        if name not in known:
            raise nonexisting_field(name, kind)


def render(node: Node, wanted: Wanted, simulator: Simulator) -> dict[str, Any]:
    """The fields of a node that are set, of those wanted, and its id.

    Raises:
        GraphError: for a field that does not exist.
    """
    check_fields(wanted, node.kind, simulator)
    values = values_of(node, simulator)
    shown: dict[str, Any] = {}
    for name, inner in wanted:
        role = _REFERENCES.get(name)
        if role is not None and role in node.parents:
            target = simulator.business.by_id[node.parents[role]]
            shown[name] = render(target, inner or _ID_ONLY, simulator)
        elif name in values:
            shown[name] = _part(values[name], inner)
    shown["id"] = node.id
    return shown


def values_of(node: Node, simulator: Simulator) -> Mapping[str, Any]:
    """A node's values, as faults change them."""
    values = dict(node.values)
    if node.kind == "Page":
        now = simulator.clock.now()
        values["access_token"] = simulator.tokens.page_token(node.id, now)
    for fault in simulator.faults.lasting("field_added"):
        if _is_about(fault.parameters["object"], node.kind):
            values[fault.parameters["field"]] = fault.parameters["value"]
    for fault in simulator.faults.lasting("field_retyped"):
        name = fault.parameters["field"]
        if _is_about(fault.parameters["object"], node.kind) and name in values:
            values[name] = retyped(values[name], str(fault.parameters["to"]))
    return values


def retyped(value: Any, to: str) -> Any:  # noqa: ANN401
    """A value in another type: string, number, list or object."""
    if to == "object":
        return {"value": value}
    if to == "list":
        return [value]
    if to == "number":
        text = str(value)
        return int(text) if text.lstrip("-").isdigit() else len(text)
    return str(value)


def _part(value: Any, inner: Wanted | None) -> Any:  # noqa: ANN401
    if inner is None:
        return value
    if isinstance(value, list):
        return [_part(item, inner) for item in value]
    if isinstance(value, dict):
        names = {name for name, _ in inner} | {"id"}
        return {name: item for name, item in value.items() if name in names}
    return value


def _is_about(wanted: object, kind: str) -> bool:
    return str(wanted).lower().rstrip("s") == kind.lower()
