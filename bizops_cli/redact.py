"""Secrets: a type that does not print itself, and the redactor of every writer."""

from __future__ import annotations

import base64
import json
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "****"

_SECRET_NAME = re.compile(
    r"(?:^|[_\-. ])(?:password|passwd|passphrase|pwd|secrets?|tokens?|credentials?|"
    r"(?:api|private|access|auth|encryption|signing)[_\-]?key|"
    r"security_?token)(?:$|[_\-. ])"
    r"|(?:password|secret|token|apikey|privatekey|accesskey|clientsecret)$",
    re.IGNORECASE,
)
_INNOCENT_NAME = re.compile(
    r"[_\-. ](?:url|uri|endpoint|type|expiry|id|name|path|file|ttl|seconds)$",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(
    r"(?P<head>[a-z][a-z0-9+.\-]*://[^/\s:@]*:)[^@/\s]+(?=@)", re.I
)
_QUERY_PASSWORD = re.compile(
    r"(?P<head>passw(?:or)?d=)(?:'(?:[^'\\]|\\.)*'|[^&\s\"',}]+)", re.IGNORECASE
)
_SHORTEST = 3  # less would mask half of every text
_SHORT = 4
_LINE_SHORT = 8


def is_secret_name(name: str) -> bool:
    """Tell whether a setting or variable of this name holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not _INNOCENT_NAME.search(name)


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A string that shows itself only when asked to."""

    _value: str

    def reveal(self) -> str:
        """Return the secret itself: for a 0600 file or a connection, never for text."""
        return self._value

    def __repr__(self) -> str:
        """Return the mask."""
        return f"Secret({MASK})"

    def __str__(self) -> str:
        """Return the mask."""
        return MASK


def reveal(value: object) -> object:
    """Return a settings value with each `Secret` in it as plain text."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def masked(value: object) -> object:
    """Return a settings value with each `Secret` in it as the mask."""
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


class Redactor:
    """Replaces known secrets in text, in each form they travel in.

    The forms: as it is, URL-encoded, JSON-escaped, base64 at each of the three
    alignments, the lines of a secret of several lines, and any of these broken by a
    line end. Passwords inside URLs and DSN queries go whether known or not.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._by_head: dict[str, list[str]] = {}
        self._longest = 0
        self.remember(secrets)

    @property
    def longest(self) -> int:
        """Return the length of the longest known form, in characters."""
        return self._longest

    def remember(self, secrets: Iterable[str]) -> None:
        """Redact these from now on."""
        new = {form for secret in secrets for form in _forms(secret)}
        with self._lock:
            if new <= self._forms:
                return
            self._forms |= new
            self._longest = max(map(len, self._forms))
            by_head: dict[str, list[str]] = {}
            for form in self._forms:
                by_head.setdefault(form[:_SHORTEST], []).append(form)
            self._by_head = by_head
            ordered = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_form_pattern, ordered)))

    def __call__(self, text: str) -> str:
        """Return the text with every known secret replaced by the mask."""
        if self._pattern is not None and self._heads_in(_without_line_ends(text)):
            text = self._pattern.sub(_mask_keeping_lines, text)
        if "://" in text:
            text = _URL_PASSWORD.sub(rf"\g<head>{MASK}", text)
        if "=" in text:
            text = _QUERY_PASSWORD.sub(rf"\g<head>{MASK}", text)
        return text

    def held_back(self, text: str) -> int:
        """Return how many characters at the end may be the start of a secret.

        A reader of a stream keeps these until more text has come.
        """
        flat = _without_line_ends(text[-2 * self._longest :])
        for start in self._heads_in(flat):
            tail = flat[start:]
            if any(form.startswith(tail) for form in self._by_head[tail[:_SHORTEST]]):
                return _length_with_line_ends(text, len(tail))
        return 0

    def _heads_in(self, flat: str) -> list[int]:
        """Return where a secret may begin: most lines have no such place at all."""
        heads = self._by_head
        return [
            place
            for place in range(len(flat) - _SHORTEST + 1)
            if flat[place : place + _SHORTEST] in heads
        ]


def _without_line_ends(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _mask_keeping_lines(match: re.Match[str]) -> str:
    return MASK + "\n" * match.group().count("\n")


def _length_with_line_ends(text: str, wanted: int) -> int:
    """Return how long the end of text is that has `wanted` other characters."""
    seen = 0
    for count, character in enumerate(reversed(text), 1):
        seen += character not in "\r\n"
        if seen == wanted:
            return count
    return len(text)


def _form_pattern(form: str) -> str:
    if len(form) < _SHORT:
        return rf"(?<![\w]){re.escape(form)}(?![\w])"
    return r"(?:\r?\n)?".join(re.escape(character) for character in form)


def _forms(secret: str) -> Iterator[str]:
    lines = [line for line in secret.splitlines() if len(line) >= _LINE_SHORT]
    for text in {text for text in (secret, *lines) if len(text) >= _SHORTEST}:
        yield text.strip("\r\n")
        yield quote(text, safe="")
        yield quote(text)
        yield quote_plus(text)
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        if len(text) >= _SHORT:
            yield from _base64_forms(text.encode())
    password = url_password(secret)
    if password:
        yield from _forms(password)


def _base64_forms(data: bytes) -> Iterator[str]:
    """Yield what base64 makes of the bytes wherever they stand in a longer text.

    Base64 turns three bytes into four characters, so that there are three ways; the
    characters at the edges also depend on the neighbours and are left out.
    """
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        tail = 0 if (offset + len(data)) % 3 == 0 else 1
        start = (0, 2, 3)[offset]
        core = encoded[start : len(encoded) - tail]
        if len(core) >= _SHORT:
            yield core
            yield core.replace("+", "-").replace("/", "_")


def url_password(text: str) -> str | None:
    """Return the password inside a URL, decoded; None if there is none."""
    if "://" not in text:
        return None
    try:
        password = urlsplit(text).password
    except ValueError:
        return None
    return unquote(password) if password else None


REDACTOR = Redactor()
"""The one every writer of the program uses; `config` tells it what it reads."""


def redact(text: str) -> str:
    """Return the text with every secret of this process replaced by the mask."""
    return REDACTOR(text)
