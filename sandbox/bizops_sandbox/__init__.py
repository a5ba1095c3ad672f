"""One sample company as an event log, and local servers speaking its sources real APIs."""

from __future__ import annotations
