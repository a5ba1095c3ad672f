"""One call of the API, however it came: alone, in a batch, as a form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from bizops_sandbox.servers.facebook.graph_errors import bad_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = re.compile(r"v(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: method, version in whole numbers, path below it, parameters.

    `base_url` is scheme and host as the client knows them; `token` the access token
    wherever it was given.
    """

    method: str
    version: int
    path: tuple[str, ...]
    params: Mapping[str, str]
    token: str
    base_url: str

    @property
    def url(self) -> str:
        """The call's address without parameters."""
        return "/".join([self.base_url, f"v{self.version}.0", *self.path])

    def listed(self, name: str) -> tuple[str, ...]:
        """Read a list of words: JSON, or separated by commas."""
        text = self.params.get(name, "").strip()
        if text.startswith("["):
            value = self.json(name)
            if not isinstance(value, list):
                raise bad_parameter(f"param {name} must be an array.")
            return tuple(str(item) for item in value)
        return tuple(item.strip() for item in text.split(",") if item.strip())

    def json(self, name: str) -> Any:  # noqa: ANN401
        """Read a parameter that is JSON; None when it is not given.

        Raises:
            GraphError: when it is no JSON.
        """
        text = self.params.get(name)
        if text is None:
            return None
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise bad_parameter(f"param {name} must be valid JSON.") from error

    def number(self, name: str, default: int) -> int:
        """Read a whole number.

        Raises:
            GraphError: when it is none.
        """
        text = self.params.get(name, "").strip()
        if not text:
            return default
        if not re.fullmatch(r"-?\d+", text):
            raise bad_parameter(f"param {name} must be an integer.")
        return int(text)

    def flag(self, name: str) -> bool:
        """Read a truth value."""
        return self.params.get(name, "").lower() in {"1", "true"}


def make_call(
    method: str,
    target: str,
    *,
    form: Mapping[str, str],
    token: str,
    base_url: str,
    default_version: int,
) -> Call:
    """Make a call of a path with its query, and of a form.

    A form's `method` overrides how it was sent; a token among the parameters counts
    when no header brought one.
    """
    parts = urlsplit(target)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    params.update(form)
    verb = params.pop("method", method).upper()
    given = params.pop("access_token", "")
    path = [part for part in parts.path.split("/") if part]
    version = default_version
    match = _VERSION.fullmatch(path[0]) if path else None
    if match:
        version = int(match.group(1))
        path = path[1:]
    return Call(
        method=verb,
        version=version,
        path=tuple(path),
        params=params,
        token=token or given,
        base_url=base_url,
    )
