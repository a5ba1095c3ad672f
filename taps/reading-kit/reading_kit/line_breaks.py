"""Characters some readers of lines break at, although JSON allows them in strings."""

from __future__ import annotations

_SEPARATORS = ("\u2028", "\u2029", "\x85")
_IN_TEXT = tuple((char, f"\\u{ord(char):04x}") for char in _SEPARATORS)
_IN_BYTES = tuple((char.encode(), escape.encode()) for char, escape in _IN_TEXT)


def escape_in_text(lines: str) -> str:
    """Escape them in JSON text; costs next to nothing where the text is ASCII."""
    for char, escape in _IN_TEXT:
        lines = lines.replace(char, escape)
    return lines


def escape_in_bytes(line: bytes) -> bytes:
    """Escape them in JSON as UTF-8."""
    for char, escape in _IN_BYTES:
        line = line.replace(char, escape)
    return line
