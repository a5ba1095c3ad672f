"""Secrets never come out of the redactor, in whatever form they went in."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.redact import (
    MASK,
    Redactor,
    Secret,
    is_secret_name,
    masked,
    reveal,
)

SECRETS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")),
    min_size=6,
    max_size=40,
).filter(lambda text: text.strip() == text and "*" not in text)
FORMS = {
    "raw": lambda s: s,
    "url": lambda s: quote(s, safe=""),
    "url with slashes": quote,
    "form": quote_plus,
    "json": lambda s: json.dumps(s)[1:-1],
    "json, not ASCII": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
}


@given(SECRETS, st.sampled_from(sorted(FORMS)), st.sampled_from(["", "a ", "{'k': '"]))
def test_a_secret_is_masked_in_each_form(secret: str, form: str, before: str) -> None:
    text = before + FORMS[form](secret) + " tail"
    assert Redactor([secret])(text) == before + MASK + " tail"


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_base64_is_masked_wherever_the_secret_stands(
    secret: str, before: bytes, after: bytes
) -> None:
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    out = Redactor([secret])(f"header {encoded} end")
    assert MASK in out
    assert encoded not in out


@given(SECRETS, st.integers(1, 5))
def test_a_secret_broken_over_two_lines_is_masked(secret: str, place: int) -> None:
    text = f"x {secret[:place]}\n{secret[place:]} y"
    assert Redactor([secret])(text) == f"x {MASK}\n y"


def test_each_line_of_a_key_of_several_lines_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----"
    out = Redactor([key])("one MIIEvQIBADANBg\ntwo kqhkiG9w0BAQEF")
    assert out == f"one {MASK}\ntwo {MASK}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://me:pa55@host/db", f"postgresql://me:{MASK}@host/db"),
        ("host=h password=pa55 user=me", f"host=h password={MASK} user=me"),
        ("?sslpassword=pa55&x=1", f"?sslpassword={MASK}&x=1"),
        ("password='it is'", f"password={MASK}"),
        ("https://host/path", "https://host/path"),
    ],
)
def test_passwords_in_addresses_go_though_nobody_told_them(
    text: str, expected: str
) -> None:
    assert Redactor()(text) == expected


def test_the_password_inside_a_secret_url_is_a_secret_too() -> None:
    redactor = Redactor(["postgresql://me:p%40ssword@host/db"])
    assert redactor("it is p@ssword") == f"it is {MASK}"


def test_short_secrets_are_masked_as_words_only() -> None:
    assert Redactor(["dev"])("dev develops dev.") == f"{MASK} develops {MASK}."


def test_nothing_is_masked_when_there_is_no_secret() -> None:
    assert Redactor([""])("plain text") == "plain text"


@given(SECRETS, st.integers(3, 5), st.text(max_size=10))
def test_the_end_of_a_chunk_is_held_back_when_a_secret_may_go_on(
    secret: str, length: int, before: str
) -> None:
    redactor = Redactor([secret])
    assert redactor.held_back(before + secret[:length]) >= length


def test_a_secret_does_not_print_itself() -> None:
    secret = Secret("hunter2-hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "hunter2-hunter2"
    config = {"a": [secret], "b": {"c": secret}, "d": 1}
    assert reveal(config) == {
        "a": ["hunter2-hunter2"],
        "b": {"c": "hunter2-hunter2"},
        "d": 1,
    }
    assert masked(config) == {"a": [MASK], "b": {"c": MASK}, "d": 1}


@pytest.mark.parametrize(
    "name",
    ["password", "client_secret", "refresh_token", "API_KEY", "private-key", "apikey"],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["client_id", "start_date", "token_url", "secret_path", "keyboard", "monkey"],
)
def test_names_that_are_none(name: str) -> None:
    assert not is_secret_name(name)
