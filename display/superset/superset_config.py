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

ROW_LIMIT = 10000
SUPERSET_WEBSERVER_TIMEOUT = 60
PREVENT_UNSAFE_DB_CONNECTIONS = True
FEATURE_FLAGS = {"ALERT_REPORTS": False, "TAGGING_SYSTEM": False}
