"""Fields about persons: named once, said in schemas."""

from __future__ import annotations

import pytest

from reading_kit.personal import fields_by_class, mark_personal


def test_fields_are_named_by_class():
    assert fields_by_class(email="a b", free_text="c") == {
        "a": "email",
        "b": "email",
        "c": "free text",
    }


@pytest.mark.parametrize("names", [{"mail": "a"}, {"email": "a", "name": "a"}])
def test_a_class_that_is_none_or_a_field_that_stands_twice_is_a_mistake(names):
    with pytest.raises(ValueError, match=r"personal data|twice"):
        fields_by_class(**names)


def test_only_fields_about_persons_bear_the_keyword():
    text = {"type": ["string", "null"]}
    marked = mark_personal({"a": text, "b": text}, fields_by_class(phone="a").get)
    assert marked == {"a": {**text, "x-personal": "phone"}, "b": text}
    assert "x-personal" not in text
