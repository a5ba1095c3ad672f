"""A local server that answers as Salesforce's REST and Bulk 2.0 APIs do."""

from __future__ import annotations
