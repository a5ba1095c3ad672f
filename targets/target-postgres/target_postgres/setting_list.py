"""The list of settings, from which `--about` and the README are made."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal


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
        "cut_short_file",
        "string",
        "A file that a runner makes before it ends the input of a tap that failed."
        " If it is there at the end, rows of keyless streams after the last STATE are"
        " left out, because the next run sends them again; and no version is activated"
        " and no table overwritten.",
    ),
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
        "upsert by key properties, append-only, or overwrite (at the end of the input"
        " the rows of this run take the place of all others, in one transaction).",
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
        "flattening_enabled",
        "boolean",
        "Whether objects of known properties become columns of their own.",
    ),
    Setting(
        "flattening_max_depth",
        "integer",
        "How many levels of objects are flattened; 10 when only flattening_enabled is"
        " given.",
        minimum=0,
    ),
    Setting(
        "flattening_separator",
        "string",
        "What stands between the names of the levels in a flattened column's name.",
        "__",
    ),
    Setting(
        "extra_properties",
        "string",
        "What becomes of properties outside the stream's schema: ignore them with a"
        " warning, or capture them in column _sdc_extra.",
        "ignore",
        choices=("ignore", "capture"),
    ),
    Setting(
        "rebuilt_view_schemas",
        "string",
        "Schemas, comma-separated, whose views may be made again when a column below"
        " them must widen; any other view stops the run.",
        "",
    ),
    Setting(
        "remove_batch_files",
        "boolean",
        "Whether the files of every BATCH message are removed once their rows and the"
        " STATE after them are committed; without it only when the message asks for it"
        " by remove_files.",
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


if __name__ == "__main__":
    sys.stdout.write(f"{settings_table()}\n")
