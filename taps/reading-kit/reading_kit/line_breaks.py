"""Characters some readers of lines break at, although JSON allows them in strings."""

from __future__ import annotations

#: Their UTF-8, its first byte (quickly looked for) and the escape.
_SEPARATORS = tuple(
    (char.encode(), char.encode()[:1], f"\\u{ord(char):04x}".encode())
    for char in ("\u2028", "\u2029", "\x85")
)


def escape_in_bytes(content: bytes) -> bytes:
    """Escape them in JSON as UTF-8; costs next to nothing where the text is ASCII."""
    for char, first, escape in _SEPARATORS:
        if first in content and char in content:
            content = content.replace(char, escape)
    return content
