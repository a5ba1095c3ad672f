"""Superset's configuration as `bizops display` runs it.

Superset reads this file by SUPERSET_CONFIG_PATH, in an environment of its own. What is
secret, and what differs between projects, stands in a file of mode 0600 that
`bizops display up` writes; BIZOPS_DISPLAY_SETTINGS is its path.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

from superset.config import TALISMAN_CONFIG as _SHIPPED_TALISMAN
from superset.config import THEME_DEFAULT as _SHIPPED_THEME

_SETTINGS: dict[str, Any] = json.loads(
    Path(os.environ["BIZOPS_DISPLAY_SETTINGS"]).read_text("utf-8")
)

SECRET_KEY = _SETTINGS["secret_key"]
SQLALCHEMY_DATABASE_URI = _SETTINGS["metadata_uri"]
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True, "pool_recycle": 1800}
DATA_DIR = _SETTINGS["directory"]

APP_NAME = "BizOps"
LOGO_TARGET_PATH = "/superset/dashboard/company/"
FAVICONS = [{"href": "/static/assets/images/favicon.png"}]
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES: dict[str, Any] = {}

# Grey that can be read: Superset's own hints and empty cells are too pale for many.
THEME_DEFAULT = deepcopy(_SHIPPED_THEME)
THEME_DEFAULT["token"] |= {
    "colorTextPlaceholder": "#666666",
    "colorTextDisabled": "#666666",
    "colorTextTertiary": "#5c5c5c",
    "colorTextQuaternary": "#666666",
    "colorTextDescription": "#5c5c5c",
    "colorTextLabel": "#404040",
    "colorPrimary": "#1f7a96",
    "colorLink": "#1f7a96",
}

# Sessions: the cookie is unreadable for scripts and is not sent from other sites.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _SETTINGS["is_behind_https"]
PERMANENT_SESSION_LIFETIME = timedelta(days=7)
ENABLE_PROXY_FIX = _SETTINGS["is_behind_https"]
WTF_CSRF_ENABLED = True

# Only users with an account see anything; nobody can make one for himself.
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per 20 second"
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"

# A page of ours asks no other machine for anything: no pixel that counts visitors, no
# maps, no fonts of others.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = deepcopy(_SHIPPED_TALISMAN)
TALISMAN_CONFIG["content_security_policy"] |= {
    "img-src": ["'self'", "blob:", "data:"],
    "connect-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "font-src": ["'self'", "data:"],
}
TALISMAN_CONFIG["session_cookie_secure"] = _SETTINGS["is_behind_https"]

_CACHE = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(Path(_SETTINGS["directory"], "cache")),
    "CACHE_THRESHOLD": 5000,
}
# Charts are read again after five minutes, so that a finished run shows soon.
DATA_CACHE_CONFIG = {
    **_CACHE,
    "CACHE_DEFAULT_TIMEOUT": 300,
    "CACHE_KEY_PREFIX": "data_",
}
CACHE_CONFIG = {**_CACHE, "CACHE_DEFAULT_TIMEOUT": 300, "CACHE_KEY_PREFIX": "page_"}
FILTER_STATE_CACHE_CONFIG = {
    **_CACHE,
    "CACHE_DEFAULT_TIMEOUT": 7 * 86400,
    "CACHE_KEY_PREFIX": "filter_",
}
EXPLORE_FORM_DATA_CACHE_CONFIG = {
    **_CACHE,
    "CACHE_DEFAULT_TIMEOUT": 7 * 86400,
    "CACHE_KEY_PREFIX": "explore_",
}


def _say_the_language(response: Any) -> Any:  # noqa: ANN401 - a class of Flask
    """Tell screen readers which language a page is in; Superset's pages do not."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        page = response.get_data(as_text=True)
        response.set_data(page.replace("<html>", '<html lang="en">', 1))
    return response


def FLASK_APP_MUTATOR(app: Any) -> None:  # noqa: ANN401, N802 - a name of Superset's
    """Let every page go through what is to be mended in it."""
    app.after_request(_say_the_language)


ROW_LIMIT = 10000
SUPERSET_WEBSERVER_TIMEOUT = 60
PREVENT_UNSAFE_DB_CONNECTIONS = True
FEATURE_FLAGS = {"ALERT_REPORTS": False, "TAGGING_SYSTEM": False}
