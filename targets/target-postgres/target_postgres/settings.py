"""The settings of a run, read from a config and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from target_postgres.errors import ConfigError
from target_postgres.setting_list import SETTINGS, Setting

_ALIASES = {
    "ssl_mode": "sslmode",
    "ssl_certificate_authority": "sslrootcert",
    "ssl_client_certificate": "sslcert",
    "ssl_client_private_key": "sslkey",
    "dbname": "database",
    "username": "user",
}
# Settings of other targets that would change what is stored: not to be passed over.
_REFUSED = ("stream_maps", "faker_config", "ssh_tunnel")
_DEFAULT_FLATTENING_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run, checked.

    Attributes are the settings of `SETTINGS` by name, apart from the connection:

    Attributes:
        connection: libpq parameters; holds the password.
    """

    connection: Mapping[str, str]
    default_target_schema: str
    stream_name_is: str
    state_id: str | None
    state_schema: str
    run_id: str | None
    cut_short_file: str | None
    add_record_metadata: bool
    activate_version: bool
    hard_delete: bool
    load_method: str
    schema_changes: str
    validate_records: bool
    on_bad_record: str
    on_nul: str
    number_type: str
    interpret_content_encoding: bool
    flattening_max_depth: int
    flattening_separator: str
    extra_properties: str
    remove_batch_files: bool
    rebuilt_view_schemas: tuple[str, ...]
    batch_size_rows: int
    batch_size_bytes: int
    batch_wait_limit_seconds: float
    max_line_bytes: int
    connect_attempts: int
    lock_timeout_seconds: int
    state_lock_wait_seconds: float
    stop_grace_seconds: float


def unknown_settings(config: Mapping[str, Any]) -> list[str]:
    """Name the keys of a config that mean nothing here."""
    known = {each.name for each in SETTINGS} | set(_ALIASES)
    known |= {"batch_config", "ssl_enable", "ssl_client_certificate_enable", *_REFUSED}
    return sorted(set(config) - known)


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Check a config and fill in the defaults.

    Args:
        config: The decoded config file.

    Raises:
        ConfigError: If a setting is wrong, or would be passed over silently.
    """
    for name in _REFUSED:
        value = config.get(name)
        is_on = value.get("enable", True) if isinstance(value, Mapping) else value
        if value and is_on:
            raise ConfigError(f"setting {name} is not supported by this target")
    values = {_ALIASES.get(key, key): value for key, value in config.items()}
    read = {each.name: _read(each, values.get(each.name)) for each in SETTINGS}
    if config.get("activate_version") is None:
        read["activate_version"] = read["add_record_metadata"]
    elif read["activate_version"] and not read["add_record_metadata"]:
        raise ConfigError(
            "activate_version needs the _sdc_ columns: set add_record_metadata to true"
            " or activate_version to false"
        )
    read["flattening_max_depth"] = _flattening_depth(read)
    named = (name.strip() for name in read["rebuilt_view_schemas"].split(","))
    read["rebuilt_view_schemas"] = tuple(name for name in named if name)
    fields = Settings.__dataclass_fields__
    return Settings(
        connection=_connection(read, config),
        **{name: read[name] for name in fields if name != "connection"},
    )


def _flattening_depth(read: Mapping[str, Any]) -> int:
    """Heed the SDK's pair of settings; a depth alone switches flattening on."""
    depth: int | None = read["flattening_max_depth"]
    if read["flattening_enabled"] is False:
        return 0
    if read["flattening_enabled"]:
        return _DEFAULT_FLATTENING_DEPTH if depth is None else depth
    return depth or 0


def _read(setting: Setting, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if value is None or value == "":
        return setting.default
    if setting.type in {"integer", "number"} and isinstance(value, str | Decimal):
        try:
            value = int(value) if setting.type == "integer" else float(value)
        except ValueError:
            raise ConfigError(f"setting {setting.name} must be a number") from None
    if setting.type == "boolean" and isinstance(value, str):
        words = {"true": True, "false": False, "1": True, "0": False}
        value = words.get(value.lower(), value)
    if not _has_type(setting, value):
        raise ConfigError(f"setting {setting.name} must be of type {setting.type}")
    if setting.choices and value not in setting.choices:
        raise ConfigError(
            f"setting {setting.name} must be one of {', '.join(setting.choices)}"
        )
    if setting.minimum is not None and value < setting.minimum:
        raise ConfigError(f"setting {setting.name} must be at least {setting.minimum}")
    return value


def _has_type(setting: Setting, value: object) -> bool:
    if isinstance(value, bool):
        return setting.type == "boolean"
    expected = {"string": str, "integer": int, "number": int | float, "object": dict}
    return isinstance(value, expected.get(setting.type, ()))


def _connection(read: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, str]:
    from target_postgres.connection import parse_url

    url = read["url"] or read["sqlalchemy_url"]
    given = parse_url(url) if url else {}
    for name, parameter in (
        ("host", "host"),
        ("port", "port"),
        ("user", "user"),
        ("password", "password"),
        ("database", "dbname"),
        ("sslmode", "sslmode"),
        ("sslrootcert", "sslrootcert"),
        ("sslcert", "sslcert"),
        ("sslkey", "sslkey"),
    ):
        is_set = config.get(name) is not None or name.startswith("ssl")
        if read[name] is not None and (is_set or not url):
            given.setdefault(parameter, str(read[name]))
    given.setdefault("connect_timeout", str(read["connect_timeout_seconds"]))
    if config.get("ssl_enable") is False:
        given.setdefault("sslmode", "disable")
    if "host" not in given and "PGHOST" in os.environ:
        given["host"] = os.environ["PGHOST"]
    return given
