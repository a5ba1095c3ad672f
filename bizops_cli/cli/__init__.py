"""Commands: they parse words, call one use case and print what it returns."""

from __future__ import annotations
