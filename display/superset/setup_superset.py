"""Brings Superset's metadata to what BizOps wants: tables, administrator, dashboards.

Run by `bizops display up` with the Python of Superset's environment; imports nothing of
BizOps. What to do is one JSON object on stdin, so that no secret is an argument or a
variable:

    {"administrator": {"username", "first_name", "last_name", "email", "password"},
     "database_uri": "postgresql+psycopg2://...", "bundle": {"charts/x.yaml": "..."}}

Each step is a line on stdout. Everything may be repeated: what is there is brought up
to date, and what BizOps made earlier and wants no more is removed.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from uuid import UUID

READER_ROLE = "BizOps reader"


def main() -> None:
    """Do all steps, or end with status 1 and the reason on stderr."""
    wanted = json.load(sys.stdin)
    from superset.app import create_app

    application = create_app()
    with application.app_context():
        _say("tables")
        _upgrade_tables()
        _say("roles and rights")
        _sync_roles()
        _say("administrator")
        administrator = _set_administrator(wanted["administrator"])
        _say("dashboards")
        _import_bundle(wanted["bundle"], wanted["database_uri"], administrator)
        _let_readers_read()


def _say(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


def _upgrade_tables() -> None:
    from flask_migrate import upgrade

    upgrade()


def _sync_roles() -> None:
    from superset import appbuilder, security_manager

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()


def _set_administrator(wanted: dict[str, str]) -> Any:  # noqa: ANN401 - a class of FAB
    from superset import security_manager
    from superset.extensions import db
    from werkzeug.security import generate_password_hash

    role = security_manager.find_role("Admin")
    user = security_manager.find_user(username=wanted["username"])
    other = security_manager.find_user(email=wanted["email"])
    if other is not None and (user is None or other.id != user.id):
        _refuse(
            f"another user of the dashboards, {other.username!r}, has the "
            "administrator's email already"
        )
    if user is None:
        user = security_manager.add_user(
            wanted["username"],
            wanted["first_name"],
            wanted["last_name"],
            wanted["email"],
            role,
            password=wanted["password"],
        )
        if not user:
            _refuse("the administrator could not be made")
        return user
    user.first_name, user.last_name = wanted["first_name"], wanted["last_name"]
    user.email, user.active = wanted["email"], True
    user.password = generate_password_hash(wanted["password"])
    if role not in user.roles:
        user.roles.append(role)
    db.session.commit()
    return user


def _import_bundle(
    bundle: dict[str, str],
    database_uri: str,
    administrator: Any,  # noqa: ANN401
) -> None:
    import yaml
    from flask import g
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    g.user = administrator
    for path in [path for path in bundle if path.startswith("databases/")]:
        database = yaml.safe_load(bundle[path])
        database["sqlalchemy_uri"] = database_uri
        bundle[path] = yaml.safe_dump(database)
    ImportAssetsCommand(bundle).run()
    kept = {
        UUID(document["uuid"])
        for document in map(yaml.safe_load, bundle.values())
        if "uuid" in document
    }
    _remove_former(kept)


def _remove_former(kept: set[UUID]) -> None:
    """Remove what an earlier bundle brought and this one does not."""
    from superset.connectors.sqla.models import SqlaTable
    from superset.extensions import db
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    for model in (Dashboard, Slice, SqlaTable):
        for found in db.session.query(model).filter_by(is_managed_externally=True):
            if found.uuid not in kept:
                db.session.delete(found)
    db.session.commit()


def _let_readers_read() -> None:
    """Keep a role for users who look: Superset's Gamma, and the warehouse's marts."""
    from superset import security_manager
    from superset.extensions import db
    from superset.models.core import Database

    role = security_manager.add_role(READER_ROLE)
    gamma = security_manager.find_role("Gamma")
    rights = list(gamma.permissions)
    for database in db.session.query(Database).filter_by(is_managed_externally=True):
        found = security_manager.add_permission_view_menu(
            "database_access", database.perm
        )
        rights.append(found)
    role.permissions = rights
    db.session.commit()


def _refuse(reason: str) -> None:
    sys.stderr.write(f"refused: {reason}\n")
    sys.exit(3)


if __name__ == "__main__":
    main()
