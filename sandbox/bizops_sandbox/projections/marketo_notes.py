"""Notes about persons: texts that are hard to carry through a CSV file."""

from __future__ import annotations

from bizops_sandbox.projections.marketo_draws import below

_ONE_IN = 97
HARD_TEXTS = (
    'Said "call me", then\nhung up; costs 5,000',
    "Zürich, Straße 5, naïve café",
    "東京の会議で会いました。資料を送ってください",
    "Great chat 🎉 follow up 👩🏽‍💻",
    "first line\r\nsecond line\r\n",
    "one\u2028two\u0085three",
    "tab\there, semicolon; comma,",
    "nul\x00inside",
    "null",
)
LONG_TEXT = "A long story about a short meeting. " * 850


def note_about(seed: int, lead_key: str) -> str | None:
    """The note a record carries; most carry none."""
    if below(_ONE_IN, seed, lead_key, "notes"):
        return None
    choice = below(len(HARD_TEXTS) + 1, seed, lead_key, "which note")
    return LONG_TEXT if choice == len(HARD_TEXTS) else HARD_TEXTS[choice]
