"""Singer tap for Salesforce, on Bulk API 2.0 and REST."""

from __future__ import annotations
