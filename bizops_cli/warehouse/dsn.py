"""A warehouse's URL: taken apart, completed with safe defaults, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from bizops_cli.errors import ConfigError
from bizops_cli.redact import REDACTOR
from bizops_cli.warehouse.address import WarehouseAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_PORT = "5432"
_EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
_LOCAL_NAMES = ("localhost", "::1", "")
_CERTIFICATE_BUNDLES = (
    "~/.postgresql/root.crt",  # libpq's own place for the user's choice
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def parse_address(url: str) -> WarehouseAddress:
    """Read a libpq URL, or `host=... dbname=...`, and complete it.

    A server on another machine has to prove its name by a certificate
    (`sslmode=verify-full`), unless the URL says otherwise.

    Raises:
        ConfigError: It is not a URL of PostgreSQL or names no host, user or database.
            The message never repeats it, for there may be a password in it.
    """
    parameters = _parse(url)
    missing = [name for name in ("host", "user", "dbname") if not parameters.get(name)]
    if missing:
        named = ", ".join(missing).replace("dbname", "database")
        raise ConfigError(
            f"the warehouse's URL names no {named}", f"Write it as {_EXAMPLE}."
        )
    parameters.setdefault("port", _DEFAULT_PORT)
    if not parameters["port"].isdigit():
        raise ConfigError(
            "the warehouse's URL must name one host and one port",
            f"Write it as {_EXAMPLE}.",
        )
    _require_proof_of_name(parameters)
    password = parameters.get("password", "")
    if password:
        REDACTOR.remember([password])
    return WarehouseAddress(
        url=_compose(parameters),
        host=parameters["host"],
        port=int(parameters["port"]),
        user=parameters["user"],
        password=password,
        database=parameters["dbname"],
    )


def is_local(host: str) -> bool:
    """Tell whether a host is this machine: by name, address or socket."""
    return host in _LOCAL_NAMES or host.startswith(("/", "@", "127."))


def _parse(url: str) -> dict[str, str]:
    import psycopg2
    from psycopg2.extensions import parse_dsn

    try:
        parsed: Mapping[str, str] = parse_dsn(url)
    except psycopg2.ProgrammingError:
        raise ConfigError(
            "the warehouse's URL is not one of PostgreSQL",
            f"Write it as {_EXAMPLE}; other characters in user or password than "
            "letters and digits are written as %XX.",
        ) from None
    return dict(parsed)


def _require_proof_of_name(parameters: dict[str, str]) -> None:
    if "sslmode" not in parameters and not is_local(parameters["host"]):
        parameters["sslmode"] = "verify-full"
    if parameters.get("sslmode") in ("verify-full", "verify-ca"):
        bundle = _certificate_bundle()
        if bundle is not None:
            parameters.setdefault("sslrootcert", bundle)


def _certificate_bundle() -> str | None:
    bundles = (Path(name).expanduser() for name in _CERTIFICATE_BUNDLES)
    return next((str(bundle) for bundle in bundles if bundle.is_file()), None)


def _compose(parameters: Mapping[str, str]) -> str:
    rest = {
        name: value
        for name, value in parameters.items()
        if name not in ("host", "port", "user", "password", "dbname")
    }
    host = parameters["host"]
    port = f":{parameters['port']}"
    if host.startswith(("/", "@")):
        rest = {"host": host, "port": parameters["port"], **rest}
        host = port = ""
    elif ":" in host:
        host = f"[{host}]"
    login = quote(parameters["user"], safe="")
    if parameters.get("password"):
        login += ":" + quote(parameters["password"], safe="")
    query = f"?{urlencode(rest, quote_via=quote)}" if rest else ""
    database = quote(parameters["dbname"], safe="")
    return f"postgresql://{login}@{host}{port}/{database}{query}"
