"""`${NAME}` and `${secret:...}` in settings: one pass, no commands, no nesting."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_cli.config.secrets import PREFIX, variable_value
from bizops_cli.errors import ConfigError
from bizops_cli.redact import REDACTOR, Secret, is_secret_name, url_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bizops_cli.config.secrets import SecretReader
    from bizops_cli.model import KeyPath

_VARIABLE = re.compile(r"\$\$\{|\$\{([^{}\n]*)\}")


@dataclass(slots=True)
class Interpolation:
    """Fills variables in and keeps account of them.

    Attributes:
        variables: What there is.
        secrets: Gives what is kept elsewhere.
        used: Path of each value that had a variable in it.
        unset: Path of each value that lacks one, and why.
    """

    variables: Mapping[str, str]
    secrets: SecretReader
    used: set[KeyPath] = field(default_factory=set)
    unset: list[tuple[KeyPath, ConfigError]] = field(default_factory=list)

    def fill(self, value: object, path: KeyPath) -> object:
        """Return the value with variables filled in and secrets wrapped.

        A string is a secret when its key's or variable's name says so; everything
        below a secret key is secret too.
        """
        if isinstance(value, dict):
            return {key: self.fill(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*path, i)) for i, item in enumerate(value)]
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, int) and _is_secret_path(path):
            REDACTOR.remember([str(value)])
        return value

    def _text(self, text: str, path: KeyPath) -> str | Secret:
        names: list[str] = []

        def replace(match: re.Match[str]) -> str:
            name = match.group(1)
            if name is None:
                return "${"
            names.append(name)
            try:
                return self._value(name)
            except ConfigError as error:
                self.unset.append((path, error))
                return ""

        filled = _VARIABLE.sub(replace, text)
        if names:
            self.used.add(path)
        named_so = any(n.startswith(PREFIX) or is_secret_name(n) for n in names)
        if named_so or _is_secret_path(path) or url_password(filled):
            REDACTOR.remember([filled])
            return Secret(filled)
        return filled

    def _value(self, name: str) -> str:
        if name.startswith(PREFIX):
            return self.secrets.read(name.removeprefix(PREFIX))
        return variable_value(name, self.variables)


def _is_secret_path(path: KeyPath) -> bool:
    keys = [part for part in path if isinstance(part, str)]
    return any(map(is_secret_name, keys[-2:]))
