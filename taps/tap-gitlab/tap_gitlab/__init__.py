"""Singer tap for GitLab."""

from __future__ import annotations
