"""Faults a test or a demonstration arms in a server, and when each one strikes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.request_faults import current_request

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_MATCH_KEYS = ("host", "method", "path", "object", "page")
_COMMON_KEYS = frozenset({"fault", "match", "count", "after"})


class FaultError(ValueError):
    """A fault document that cannot be armed: unknown name, key or type of value."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault: its name, its parameters with their defaults, its meaning.

    A parameter whose default is a type is required and of that type. A lasting fault
    holds until it is cleared instead of being used up.
    """

    name: str
    meaning: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_lasting: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the request a fault may strike.

    `object` is the sObject it is about ("" when none), `page` the number of the result
    page it asks for (from 1).
    """

    host: str
    method: str
    path: str
    object: str = ""
    page: int | None = None


@dataclass(slots=True)
class Fault:
    """An armed fault; `count` None means until cleared."""

    kind: FaultKind
    match: Mapping[str, Any]
    parameters: Mapping[str, Any]
    count: int | None
    after: int
    seen: int = 0
    used: int = 0

    @property
    def is_spent(self) -> bool:
        """Say whether it has struck as often as it may."""
        return self.count is not None and self.used >= self.count

    def matches(self, facts: Facts) -> bool:
        """Say whether a request is one this fault is about."""
        return all(_holds(key, wanted, facts) for key, wanted in self.match.items())

    def document(self) -> dict[str, Any]:
        """Return the fault as the control interface shows it."""
        return {
            "fault": self.kind.name,
            "match": dict(self.match),
            "count": self.count,
            "after": self.after,
            "used": self.used,
            **self.parameters,
        }


class FaultBoard:
    """The armed faults of one server, in the order they were armed."""

    def __init__(self, kinds: Sequence[FaultKind]) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self._armed: list[Fault] = []

    def arm(self, documents: object) -> list[Fault]:
        """Arm one fault document or a list of them, all or none.

        Raises:
            FaultError: when a document is not understood.
        """
        faults = parse_faults(documents, self.kinds)
        self._armed.extend(faults)
        return faults

    @property
    def is_armed(self) -> bool:
        """Say whether there is any fault, used ones too."""
        return bool(self._armed)

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def documents(self) -> list[dict[str, Any]]:
        """Return every armed fault, used ones too, as plain documents."""
        return [fault.document() for fault in self._armed]

    def take(self, names: Collection[str], facts: Facts) -> Fault | None:
        """Let the first fault that is due strike, and return it.

        Faults that the request brought along come before the armed ones.
        """
        request = current_request()
        for fault in (*request.brought, *self._armed):
            if fault.kind.name not in names or fault.is_spent:
                continue
            if not fault.matches(facts):
                continue
            fault.seen += 1
            if fault.seen > fault.after:
                fault.used += 1
                request.struck.append(fault.kind.name)
                return fault
        return None

    def lasting(self, name: str) -> Iterable[Fault]:
        """Return the lasting faults of a name; looking does not use them up."""
        return [fault for fault in self._armed if fault.kind.name == name]


def parse_faults(documents: object, kinds: Mapping[str, FaultKind]) -> list[Fault]:
    """Read one fault document or a list of them.

    Raises:
        FaultError: when one is not understood.
    """
    listed = documents if isinstance(documents, list) else [documents]
    return [parse_fault(document, kinds) for document in listed]


def parse_fault(document: object, kinds: Mapping[str, FaultKind]) -> Fault:
    """Read one fault document.

    Raises:
        FaultError: for an unknown fault, an unknown key, or a value of the wrong type.
    """
    if not isinstance(document, dict) or "fault" not in document:
        raise FaultError('a fault is an object with a key "fault"')
    kind = kinds.get(document["fault"])
    if kind is None:
        known = ", ".join(sorted(kinds))
        raise FaultError(f"unknown fault {document['fault']!r}; known are: {known}")
    unknown = sorted(set(document) - _COMMON_KEYS - set(kind.parameters))
    if unknown:
        known = ", ".join([*sorted(_COMMON_KEYS), *kind.parameters])
        raise FaultError(f"fault {kind.name} has no key {unknown[0]!r}; known: {known}")
    return Fault(
        kind=kind,
        match=_read_match(document.get("match", {})),
        parameters=_read_parameters(document, kind),
        count=None if kind.is_lasting else _read_count(document.get("count", 1)),
        after=_read_count(document.get("after", 0)) or 0,
    )


def _read_match(match: object) -> Mapping[str, Any]:
    if not isinstance(match, dict):
        raise FaultError('"match" is an object, e.g. {"object": "Lead", "page": 2}')
    for key in match:
        if key not in _MATCH_KEYS:
            known = ", ".join(_MATCH_KEYS)
            raise FaultError(f"cannot match on {key!r}; possible are: {known}")
    return match


def _read_parameters(document: Mapping[str, Any], kind: FaultKind) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for name, default in kind.parameters.items():
        wanted = default if isinstance(default, type) else type(default)
        if name not in document:
            if isinstance(default, type):
                raise FaultError(f"fault {kind.name} needs {name!r}")
            values[name] = default
            continue
        value = document[name]
        if default is not None and not _is_a(value, wanted):
            raise FaultError(f"{name!r} of {kind.name} must be a {wanted.__name__}")
        values[name] = value
    return values


def _is_a(value: object, wanted: type) -> bool:
    if isinstance(value, bool):
        return wanted is bool
    return isinstance(value, (int, float) if wanted is float else wanted)


def _read_count(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FaultError('"count" and "after" are whole numbers of requests')
    return value


def _holds(key: str, wanted: object, facts: Facts) -> bool:
    actual = getattr(facts, key)
    if key == "page":
        return bool(actual == wanted)
    return fnmatchcase(str(actual).lower(), str(wanted).lower())
