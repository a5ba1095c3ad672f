"""Benchmarks: how fast BizOps is, beside its peers and beside PostgreSQL's limit."""

from __future__ import annotations
