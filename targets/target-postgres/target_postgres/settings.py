"""The settings: one table from which the config schema, the README and parsing come."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from target_postgres.errors import ConfigError

SchemaChanges = Literal["evolve", "freeze", "discard"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: Its key in the config file.
        type: JSON type.
        description: One sentence for `--about` and the README.
        default: Value when it is absent; None when there is none.
        is_secret: Whether it must never be shown.
        choices: The values allowed, if they are few.
        minimum: Smallest number allowed.
    """

    name: str
    type: Literal["string", "integer", "number", "boolean", "object"]
    description: str
    default: Any = None
    is_secret: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None

    def as_json_schema(self) -> dict[str, Any]:
        """Describe the setting for `--about` and the SDK's check."""
        types = ["string", "integer"] if self.name == "port" else [self.type]
        schema: dict[str, Any] = {
            "type": [*types, "null"],
            "description": self.description,
        }
        if self.default is not None:
            schema["default"] = self.default
        if self.is_secret:
            schema["secret"] = True
        if self.choices:
            schema["enum"] = [*self.choices, None]
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        return schema


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "url",
        "string",
        "libpq URL of the database; the single settings below fill in what it lacks.",
        is_secret=True,
    ),
    Setting("sqlalchemy_url", "string", "The same under its old name.", is_secret=True),
    Setting("host", "string", "Server name, address or socket directory.", "localhost"),
    Setting("port", "integer", "Server port.", 5432),
    Setting("user", "string", "Role to connect as."),
    Setting("password", "string", "The role's password.", is_secret=True),
    Setting("database", "string", "Database name."),
    Setting(
        "sslmode",
        "string",
        "TLS mode; without it verify-full, for local servers prefer.",
        choices=("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    ),
    Setting(
        "sslrootcert",
        "string",
        "File of trusted certificates; without it the system's.",
    ),
    Setting("sslcert", "string", "File of the client's certificate."),
    Setting("sslkey", "string", "File of the client's private key."),
    Setting("default_target_schema", "string", "Schema of the tables.", "public"),
    Setting(
        "stream_name_is",
        "string",
        "What a stream's name is: the table's name whole, or schema-table cut at the"
        " last hyphens.",
        "table",
        choices=("table", "schema-table"),
    ),
    Setting(
        "state_id",
        "string",
        "When set, each STATE is written to the database under this id, in the"
        " transaction that commits the rows before it.",
    ),
    Setting("state_schema", "string", "Schema of the state tables.", "bizops"),
    Setting("run_id", "string", "When set, stands in column _bizops_run_id."),
    Setting(
        "add_record_metadata",
        "boolean",
        "Whether tables get the _sdc_ columns.",
        default=True,
    ),
    Setting(
        "activate_version",
        "boolean",
        "Whether ACTIVATE_VERSION messages are heeded; needs the _sdc_ columns.",
        default=True,
    ),
    Setting(
        "hard_delete",
        "boolean",
        "Whether rows are removed instead of marked in _sdc_deleted_at.",
        default=False,
    ),
    Setting(
        "load_method",
        "string",
        "upsert by key properties, append-only, or overwrite (upsert, and at the end of"
        " the input the rows that did not come again are removed).",
        "upsert",
        choices=("upsert", "append-only", "overwrite"),
    ),
    Setting(
        "schema_changes",
        "string",
        "evolve: add columns and widen types; freeze: stop at a change; discard: leave"
        " new properties out.",
        "evolve",
        choices=("evolve", "freeze", "discard"),
    ),
    Setting(
        "validate_records",
        "boolean",
        "Whether a record without a required property stops the run.",
        default=False,
    ),
    Setting(
        "on_bad_record",
        "string",
        "What becomes of a record that is wrong: stop the run, or quarantine it in"
        " table _bizops_rejects beside the stream's table.",
        "stop",
        choices=("stop", "quarantine"),
    ),
    Setting(
        "on_nul",
        "string",
        "What becomes of U+0000, which PostgreSQL cannot store: replace it by U+FFFD,"
        " or stop.",
        "replace",
        choices=("replace", "stop"),
    ),
    Setting(
        "number_type",
        "string",
        "Column type of JSON Schema's number.",
        "numeric",
        choices=("numeric", "double precision"),
    ),
    Setting(
        "interpret_content_encoding",
        "boolean",
        "Whether strings with contentEncoding base64 or base16 become bytea.",
        default=False,
    ),
    Setting(
        "batch_size_rows",
        "integer",
        "Rows of all streams held before they are written.",
        20_000,
        minimum=1,
    ),
    Setting(
        "batch_size_bytes",
        "integer",
        "Bytes of all streams held before they are written.",
        32 * 1024 * 1024,
        minimum=1,
    ),
    Setting(
        "batch_wait_limit_seconds",
        "number",
        "Longest time anything read is held before it is written.",
        60,
        minimum=0,
    ),
    Setting(
        "max_line_bytes",
        "integer",
        "Longest line of input taken.",
        100 * 1024 * 1024,
        minimum=1024,
    ),
    Setting(
        "connect_timeout_seconds",
        "integer",
        "Longest wait for a connection.",
        10,
        minimum=1,
    ),
    Setting(
        "connect_attempts",
        "integer",
        "How often a lost or refused connection is tried before giving up.",
        5,
        minimum=1,
    ),
    Setting(
        "lock_timeout_seconds",
        "integer",
        "Longest wait for a lock on a table; 0 waits for ever.",
        60,
        minimum=0,
    ),
    Setting(
        "state_lock_wait_seconds",
        "number",
        "Longest wait for another run that writes the same state.",
        10,
        minimum=0,
    ),
    Setting(
        "stop_grace_seconds",
        "number",
        "Longest wait for the running transaction after SIGTERM or SIGINT.",
        30,
        minimum=0,
    ),
)

_ALIASES = {
    "ssl_mode": "sslmode",
    "ssl_certificate_authority": "sslrootcert",
    "ssl_client_certificate": "sslcert",
    "ssl_client_private_key": "sslkey",
    "dbname": "database",
    "username": "user",
}
# Settings of other targets that would change what is stored: not to be passed over.
_REFUSED = ("stream_maps", "faker_config", "flattening_enabled", "ssh_tunnel")


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
    batch_size_rows: int
    batch_size_bytes: int
    batch_wait_limit_seconds: float
    max_line_bytes: int
    connect_attempts: int
    lock_timeout_seconds: int
    state_lock_wait_seconds: float
    stop_grace_seconds: float


def config_schema() -> dict[str, Any]:
    """Give the JSON Schema of the config file."""
    return {
        "type": "object",
        "properties": {each.name: each.as_json_schema() for each in SETTINGS},
    }


def settings_table() -> str:
    """Give the settings as a Markdown table, for the README."""
    lines = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    for each in SETTINGS:
        default = "" if each.default is None else f"`{_shown(each.default)}`"
        choices = f" One of {', '.join(each.choices)}." if each.choices else ""
        lines.append(
            f"| `{each.name}` | {each.type} | {default} | {each.description}{choices} |"
        )
    return "\n".join(lines)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def unknown_settings(config: Mapping[str, Any]) -> list[str]:
    """Name the keys of a config that mean nothing here."""
    known = {each.name for each in SETTINGS} | set(_ALIASES)
    known |= {"ssl_enable", "ssl_client_certificate_enable", *_REFUSED}
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
    if read["load_method"] == "overwrite" and not read["add_record_metadata"]:
        raise ConfigError("load_method overwrite needs add_record_metadata")
    fields = Settings.__dataclass_fields__
    return Settings(
        connection=_connection(read, config),
        **{name: read[name] for name in fields if name != "connection"},
    )


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


if __name__ == "__main__":
    sys.stdout.write(f"{settings_table()}\n")
