"""The `filtering` parameter: conditions on objects and on their parents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook.graph_errors import bad_parameter, not_one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.calls import Call

HIDDEN = frozenset({"archived", "deleted"})
DELIVERIES = frozenset(
    [
        "active",
        "archived",
        "completed",
        "limited",
        "not_delivering",
        "deleted",
        "not_published",
        "pending_review",
        "permanently_deleted",
        "recently_completed",
        "recently_rejected",
        "rejected",
        "scheduled",
        "inactive",
    ]
)
_STATUSES = frozenset({"ARCHIVED", "DELETED"})
_PREFIXES = {"campaign": "Campaign", "adset": "AdSet", "ad": "Ad"}
_NAMES = frozenset(
    [
        "id",
        "name",
        "effective_status",
        "configured_status",
        "status",
        "delivery_info",
        "updated_time",
        "created_time",
        "time_created",
        "objective",
        "buying_type",
        "start_time",
        "stop_time",
        "end_time",
        "adset_id",
        "campaign_id",
        "ad_id",
        "account_id",
        "hash",
        "title",
    ]
)
_Test = Callable[[Any, Any], bool]


def _number(value: Any) -> float:  # noqa: ANN401
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise bad_parameter(f"Filtering value {value!r} is not a number.") from error


def _compared(test: Callable[[float, float], bool]) -> _Test:
    return lambda actual, wanted: (
        actual is not None and test(_number(actual), _number(wanted))
    )


def _items(wanted: Any) -> list[str]:  # noqa: ANN401
    return [str(item) for item in (wanted if isinstance(wanted, list) else [wanted])]


def _in_range(actual: Any, wanted: Any) -> bool:  # noqa: ANN401
    bounds = _items(wanted)
    if len(bounds) != 2:
        raise bad_parameter("Filtering value of a range must have two numbers.")
    return _number(bounds[0]) <= _number(actual) <= _number(bounds[1])


OPERATORS: Mapping[str, _Test] = {
    "EQUAL": lambda actual, wanted: str(actual) == str(wanted),
    "NOT_EQUAL": lambda actual, wanted: str(actual) != str(wanted),
    "GREATER_THAN": _compared(lambda a, b: a > b),
    "GREATER_THAN_OR_EQUAL": _compared(lambda a, b: a >= b),
    "LESS_THAN": _compared(lambda a, b: a < b),
    "LESS_THAN_OR_EQUAL": _compared(lambda a, b: a <= b),
    "AFTER": _compared(lambda a, b: a > b),
    "BEFORE": _compared(lambda a, b: a < b),
    "ON_OR_AFTER": _compared(lambda a, b: a >= b),
    "ON_OR_BEFORE": _compared(lambda a, b: a <= b),
    "IN_RANGE": _in_range,
    "NOT_IN_RANGE": lambda actual, wanted: not _in_range(actual, wanted),
    "CONTAIN": lambda actual, wanted: str(wanted).lower() in str(actual).lower(),
    "NOT_CONTAIN": lambda actual, wanted: (
        str(wanted).lower() not in str(actual).lower()
    ),
    "STARTS_WITH": lambda actual, wanted: str(actual).startswith(str(wanted)),
    "IN": lambda actual, wanted: str(actual) in _items(wanted),
    "NOT_IN": lambda actual, wanted: str(actual) not in _items(wanted),
    "ANY": lambda actual, wanted: str(actual) in _items(wanted),
    "ALL": lambda actual, wanted: all(item in str(actual) for item in _items(wanted)),
    "NONE": lambda actual, wanted: str(actual) not in _items(wanted),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `filtering`: `campaign.updated_time GREATER_THAN 1500000000`."""

    prefix: str
    name: str
    operator: str
    value: Any

    @property
    def reveals(self) -> bool:
        """Whether it asks for archived or deleted objects by name."""
        if self.operator not in {"IN", "EQUAL", "ANY"}:
            return False
        wanted = set(_items(self.value))
        if self.name == "delivery_info":
            return bool(wanted & HIDDEN)
        return self.name.endswith("status") and bool(wanted & _STATUSES)

    def holds(self, actual: Any) -> bool:  # noqa: ANN401
        """Say whether a value satisfies it."""
        return OPERATORS[self.operator](actual, self.value)


def read_conditions(call: Call) -> tuple[Condition, ...]:
    """Read the `filtering` parameter.

    Raises:
        GraphError: when an entry is not understood.
    """
    listed = call.json("filtering")
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise bad_parameter("param filtering must be an array.")
    return tuple(_condition(entry, number) for number, entry in enumerate(listed))


def _condition(entry: Any, number: int) -> Condition:  # noqa: ANN401
    if not isinstance(entry, dict) or not {"field", "operator"} <= entry.keys():
        raise bad_parameter(
            f"param filtering[{number}] must have the fields field, operator, value."
        )
    operator = str(entry["operator"]).upper()
    if operator not in OPERATORS:
        raise not_one_of(f"filtering[{number}][operator]", list(OPERATORS))
    prefix, _, name = str(entry["field"]).rpartition(".")
    condition = Condition(prefix, name, operator, entry.get("value"))
    if name == "delivery_info":
        _check_deliveries(condition, number)
    return condition


def _check_deliveries(condition: Condition, number: int) -> None:
    if set(_items(condition.value)) - DELIVERIES:
        raise not_one_of(f"filtering[{number}][value]", list(DELIVERIES))


def check_supported(condition: Condition, kind: str) -> None:
    """Refuse a condition that objects of this kind cannot be filtered by.

    Raises:
        GraphError: for an unknown field or prefix.
    """
    order = ["Campaign", "AdSet", "Ad"]
    target = _PREFIXES.get(condition.prefix, kind if not condition.prefix else "")
    is_above = target == kind or (
        target in order and kind in order and order.index(target) < order.index(kind)
    )
    if condition.name not in _NAMES or not is_above:
        field = f"{condition.prefix}.{condition.name}".lstrip(".")
        raise bad_parameter(
            f"Filtering field '{field}' with operation "
            f"'{condition.operator.lower()}' is not supported"
        )


def selected(
    nodes: Iterable[Node],
    conditions: Sequence[Condition],
    by_id: Mapping[str, Node],
) -> list[Node]:
    """The nodes that satisfy every condition; hidden ones only when asked for."""
    shows_hidden = any(condition.reveals for condition in conditions)
    return [
        node
        for node in nodes
        if (shows_hidden or node.delivery not in HIDDEN)
        and all(_holds(condition, node, by_id) for condition in conditions)
    ]


def _holds(condition: Condition, node: Node, by_id: Mapping[str, Node]) -> bool:
    target = node
    if condition.prefix in node.parents:
        target = by_id.get(node.parents[condition.prefix], node)
    return condition.holds(value_of(target, condition.name))


def value_of(node: Node, name: str) -> Any:  # noqa: ANN401
    """What conditions compare: times as seconds since 1970."""
    if name == "delivery_info":
        return node.delivery
    if name == "updated_time":
        return int(node.updated_at.timestamp())
    if name in {"created_time", "time_created"}:
        return int(node.created_at.timestamp())
    return node.values.get(name)
