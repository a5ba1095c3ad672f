"""Checking the settings that a control request wants to change."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class SettingRules:
    """Which settings may change, and what each may be.

    Attributes:
        types: The type of each; a whole number does for a float.
        choices: The only values of some.
        least: The least value of some numbers; 0 for all others.
        tests: What else a value must pass.
    """

    types: Mapping[str, type]
    choices: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    tests: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)

    def checked(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the wanted values in the types they have.

        Raises:
            ValueError: for an unknown setting, or a value it cannot have.
        """
        return {name: self._value(name, value) for name, value in wanted.items()}

    def values(self, settings: object) -> dict[str, Any]:
        """Return the present values of the settings that may change."""
        return {name: getattr(settings, name) for name in self.types}

    def _value(self, name: str, value: Any) -> Any:  # noqa: ANN401
        if name not in self.types:
            known = ", ".join(self.types)
            raise ValueError(f"unknown setting {name!r}; known are: {known}")
        given = tuple(value) if isinstance(value, list) else value
        if self.types[name] is float and type(given) is int:
            given = float(given)
        if not self._is_possible(name, given):
            raise ValueError(f"{name} cannot be {value!r}")
        return given

    def _is_possible(self, name: str, value: Any) -> bool:  # noqa: ANN401
        if type(value) is not self.types[name]:
            return False
        if name in self.choices and value not in self.choices[name]:
            return False
        least = self.least.get(name, 0)
        if isinstance(value, int | float) and value < least:
            return False
        return name not in self.tests or self.tests[name](value)


def types_of(settings: Any, *, fixed: tuple[str, ...] = ()) -> dict[str, type]:  # noqa: ANN401
    """Return the types of a settings dataclass's fields, less those that are fixed."""
    return {
        item.name: type(getattr(settings, item.name))
        for item in fields(settings)
        if item.name not in fixed
    }
