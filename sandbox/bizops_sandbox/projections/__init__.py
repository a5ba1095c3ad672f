"""Projections of the sample company."""

from __future__ import annotations
