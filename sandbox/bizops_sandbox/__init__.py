"""One sample company as an event log, and servers speaking its sources' APIs."""

from __future__ import annotations
