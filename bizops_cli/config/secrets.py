"""`${secret:PROVIDER:REFERENCE}`: values that are kept elsewhere.

Providers of BizOps's own are `env` (a variable) and `file` (a file such as those that
container platforms mount). A package adds one by an entry point of the group
`bizops.secrets`: a callable like `SecretProvider` under the provider's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PREFIX = "secret:"
ENTRY_POINTS = "bizops.secrets"


@dataclass(frozen=True, slots=True)
class SecretContext:
    """What a provider may need to know.

    Attributes:
        directory: The project's folder.
        variables: Of the process, and of `.env`.
    """

    directory: Path
    variables: Mapping[str, str] = field(repr=False)


class SecretProvider(Protocol):
    """Where secrets are kept."""

    def __call__(self, reference: str, context: SecretContext, /) -> str:
        """Return the secret a reference means.

        Raises:
            ConfigError: It cannot be had; message and next step say why.
        """


@dataclass(slots=True)
class SecretReader:
    """Reads each secret once."""

    context: SecretContext
    known: dict[str, str] = field(default_factory=dict, repr=False)

    def read(self, address: str) -> str:
        """Return the secret of `PROVIDER:REFERENCE`.

        Raises:
            ConfigError: There is no such provider, or it has no such secret.
        """
        if address not in self.known:
            name, _, reference = address.partition(":")
            found = _provider(name)(reference, self.context)
            if not found:
                raise ConfigError(f"the secret {address} is empty", "Give it a value.")
            self.known[address] = found
        return self.known[address]


def _provider(name: str) -> SecretProvider:
    if name in _OWN:
        return _OWN[name]
    from importlib.metadata import entry_points

    added = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in added:
        raise ConfigError(
            f"there is no provider of secrets called {name!r}",
            suggestion(name, {*_OWN, *added}, what="provider"),
        )
    provider: SecretProvider = added[name].load()
    return provider


def variable_value(name: str, variables: Mapping[str, str]) -> str:
    """Return the value of a variable.

    Raises:
        ConfigError: It has none.
    """
    found = variables.get(name)
    if not found:
        raise ConfigError(
            f"the variable {name} is not set, or empty",
            f"Set {name} in the environment, or write {name}=... into .env.",
        )
    return found


def _from_variable(reference: str, context: SecretContext) -> str:
    return variable_value(reference, context.variables)


def _from_file(reference: str, context: SecretContext) -> str:
    file = context.directory / reference
    try:
        return file.expanduser().read_text(encoding="utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"the file of the secret {reference} is not UTF-8 text"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"the secret {reference} cannot be read: {error.strerror}",
            "Write the secret, and nothing else, into that file.",
        ) from error


_OWN: Mapping[str, SecretProvider] = {"env": _from_variable, "file": _from_file}
