"""Which fields tell something about a person: said in catalogs and schemas.

The keyword ``x-personal`` of a property's JSON schema names the class, so that whoever
runs a tap can list, leave out, hash or erase such fields without guessing by names. An
object or a list bears the class of what is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PersonalClass = Literal[
    "email", "phone", "name", "address", "birth", "network", "free text", "id"
]
KEYWORD = "x-personal"
_CLASSES = frozenset(get_args(PersonalClass))


def fields_by_class(**names: str) -> dict[str, PersonalClass]:
    """Give the class of each field, the fields of a class as one text with spaces.

    ``free_text`` stands for ``free text``.

    Raises:
        ValueError: a class is unknown, or a field stands twice.
    """
    found: dict[str, PersonalClass] = {}
    for word, fields in names.items():
        kind = word.replace("_", " ")
        if kind not in _CLASSES:
            raise ValueError(f"no class of personal data: {kind}")
        for name in fields.split():
            if name in found:
                raise ValueError(f"{name} stands twice")
            found[name] = cast("PersonalClass", kind)
    return found


def mark_personal(
    properties: Mapping[str, Any], class_of: Callable[[str], PersonalClass | None]
) -> dict[str, Any]:
    """Give the properties of a schema, those about a person with the keyword."""
    return {
        name: spec if (kind := class_of(name)) is None else {**spec, KEYWORD: kind}
        for name, spec in properties.items()
    }
