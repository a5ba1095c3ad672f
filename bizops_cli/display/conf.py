"""config/bizops.conf: who administers the dashboards, and where they answer."""

from __future__ import annotations

import configparser
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.files import OWNER_ONLY, make_directory, write_atomically
from bizops_cli.redact import REDACTOR, Secret

if TYPE_CHECKING:
    from pathlib import Path

SHORTEST_PASSWORD = 12
_KNOWN_PASSWORDS = frozenset(
    {
        *("password", "passwort", "admin", "administrator", "bizops", "superset"),
        *("general", "changeme", "change-me", "letmein", "secret", "welcome"),
        *("qwerty", "iloveyou", "default", "example"),
    }
)
_KEYS = {
    "administrator": ("username", "first_name", "last_name", "email", "password"),
    "display": ("host", "port", "behind_https"),
    "warehouse": ("reader_url", "metadata_url"),
}


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who administers the dashboards."""

    username: str
    first_name: str
    last_name: str
    email: str
    password: Secret


@dataclass(frozen=True, slots=True)
class DisplayConf:
    """The file, read and checked.

    Attributes:
        administrator: Who may do everything.
        host: Address to listen on.
        port: TCP port to listen on.
        is_behind_https: Whether people reach it through a proxy that speaks https.
        reader_url: A role for reading made by somebody else; None makes our own.
        metadata_url: A database for Superset made by somebody else; None likewise.
    """

    administrator: Administrator
    host: str
    port: int
    is_behind_https: bool
    reader_url: Secret | None = None
    metadata_url: Secret | None = None


def read_conf(file: Path, *, example: Path) -> DisplayConf:
    """Read the file; when there is none, make it from the example and say so.

    Raises:
        ConfigError: It was not there, others may read it, or something in it is
            missing or wrong; a password everybody knows is wrong.
    """
    if not file.exists():
        raise _made(file, example)
    _check_mode(file)
    parser = _parse(file)
    _check_names(file, parser)
    administrator = _administrator(file, parser)
    return DisplayConf(
        administrator=administrator,
        host=parser.get("display", "host", fallback="127.0.0.1") or "127.0.0.1",
        port=_port(file, parser.get("display", "port", fallback="8088")),
        is_behind_https=_yes_or_no(file, parser),
        reader_url=_url(parser, "reader_url"),
        metadata_url=_url(parser, "metadata_url"),
    )


def _made(file: Path, example: Path) -> ConfigError:
    make_directory(file.parent)
    write_atomically(file, example.read_bytes(), mode=OWNER_ONLY)
    return ConfigError(
        f"there was no {file.parent.name}/{file.name}: it has been made, and waits for "
        "the administrator's name, email and password",
        f"Fill in {file} (the password has at least {SHORTEST_PASSWORD} characters) "
        "and run `bizops display up` again.",
    )


def _check_mode(file: Path) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(
            f"{file} holds a password and others may read it (mode {mode:o})",
            f"chmod 600 {file}",
        )


def _parse(file: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text("utf-8"))
    except configparser.Error as error:
        # Its message quotes lines, and one of them may be the password.
        line = getattr(error, "lineno", None)
        where = f"{file.name}:{line}" if line else file.name
        raise ConfigError(
            f"{where}: neither a [section] nor a `name = value`, or one given twice",
            f"Correct {file}; the pattern is config/bizops.conf.example.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} cannot be read", "It must be readable UTF-8 text."
        ) from error
    return parser


def _check_names(file: Path, parser: configparser.ConfigParser) -> None:
    for section in parser.sections():
        if section not in _KEYS:
            raise _wrong(file, f"there is no section [{section}]", ", ".join(_KEYS))
        for key in parser[section]:
            if key not in _KEYS[section]:
                raise _wrong(
                    file, f"[{section}] has no {key!r}", ", ".join(_KEYS[section])
                )


def _administrator(file: Path, parser: configparser.ConfigParser) -> Administrator:
    values = {
        key: parser.get("administrator", key, fallback="").strip()
        for key in _KEYS["administrator"]
    }
    missing = [key for key, value in values.items() if not value]
    if missing:
        raise ConfigError(
            f"{file.name}: [administrator] lacks {', '.join(missing)}",
            f"Fill it in in {file}.",
        )
    if "@" not in values["email"]:
        raise _wrong(file, "the administrator's email is none", "name@example.com")
    password = values.pop("password")
    REDACTOR.remember([password])
    _check_password(file, password, values)
    return Administrator(password=Secret(password), **values)


def _check_password(file: Path, password: str, values: dict[str, str]) -> None:
    lowered = password.lower()
    letters = "".join(c for c in lowered if c.isalpha() or c == "-")
    reason = ""
    if letters.strip("-") in _KNOWN_PASSWORDS or lowered in _KNOWN_PASSWORDS:
        reason = "is one everybody tries first"
    elif len(password) < SHORTEST_PASSWORD:
        reason = f"has fewer than {SHORTEST_PASSWORD} characters"
    elif len(set(password)) < 5:
        reason = "repeats a few characters"
    elif values["username"].lower() in lowered or lowered == values["email"].lower():
        reason = "is made of the administrator's own name"
    if reason:
        raise ConfigError(
            f"{file.name}: the administrator's password {reason}",
            f"Put another one into {file}: at least {SHORTEST_PASSWORD} characters, "
            "for example what `openssl rand -base64 18` prints.",
        )


def _port(file: Path, text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise _wrong(file, f"[display] port is no port: {text!r}", "1 to 65535")
    return int(text)


def _yes_or_no(file: Path, parser: configparser.ConfigParser) -> bool:
    try:
        return parser.getboolean("display", "behind_https", fallback=False)
    except ValueError:
        raise _wrong(file, "[display] behind_https is unclear", "yes or no") from None


def _url(parser: configparser.ConfigParser, key: str) -> Secret | None:
    text = parser.get("warehouse", key, fallback="").strip()
    if not text:
        return None
    REDACTOR.remember([text])
    return Secret(text)


def _wrong(file: Path, reason: str, possible: str) -> ConfigError:
    return ConfigError(f"{file.name}: {reason}", f"Correct {file}: {possible}.")
