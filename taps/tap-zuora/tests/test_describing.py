"""Describe's XML becomes what a stream is."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_zuora.describing import (
    DescribeError,
    FieldSpec,
    build_schema,
    parse_object,
    parse_object_names,
)

# Shape recorded from a tenant's describe, made up by hand.
DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<object href="https://rest.zuora.com/v1/describe/Invoice">
  <name>Invoice</name>
  <label>Invoice</label>
  <fields>
    <field><name>Id</name><selectable>true</selectable><type>text</type>
      <contexts><context>soap</context><context>export</context></contexts></field>
    <field><name>Amount</name><selectable>true</selectable><type>decimal</type>
      <contexts><context>export</context></contexts></field>
    <field><name>Body</name><selectable>true</selectable><type>longtext</type>
      <contexts><context>soap</context></contexts></field>
    <field><name>Hidden</name><selectable>false</selectable><type>text</type>
      <contexts><context>export</context></contexts></field>
    <field><name>DueDate</name><selectable>true</selectable><type>date</type>
      <contexts><context>export</context></contexts></field>
    <field><name>AutoPay</name><selectable>true</selectable><type>boolean</type>
      <contexts><context>export</context></contexts></field>
    <field><name>Runs</name><selectable>true</selectable><type>integer</type>
      <contexts><context>export</context></contexts></field>
    <field><name>Query</name><selectable>true</selectable><type>ZOQL</type>
      <contexts><context>export</context></contexts></field>
    <field><name>Mood__c</name><selectable>true</selectable><type>emotion</type>
      <custom>true</custom>
      <contexts><context>export</context></contexts></field>
    <field><name>BillToId</name><selectable>true</selectable><type>text</type>
      <contexts><context>export</context></contexts></field>
    <field><name>UpdatedDate</name><selectable>true</selectable><type>datetime</type>
      <contexts><context>export</context></contexts></field>
  </fields>
  <related-objects>
    <object href="https://rest.zuora.com/v1/describe/Account">
      <name>Account</name><label>Account</label><cardinality>TO_ONE</cardinality>
      <field><name>Stray</name><selectable>true</selectable><type>text</type>
        <contexts><context>export</context></contexts></field></object>
    <object><name>BillTo</name><cardinality>TO_ONE</cardinality></object>
    <object><name>Invoice</name><cardinality>TO_ONE</cardinality></object>
    <object><name>InvoiceItem</name><cardinality>TO_MANY</cardinality></object>
    <object><name>SubscriptionStatusHistory</name></object>
    <object><name>SoldToContact</name></object>
  </related-objects>
</object>
"""


def test_fields_that_can_be_exported_and_ids_of_related_objects_are_columns():
    spec = parse_object(DOCUMENT)
    assert spec is not None
    assert spec.name == "Invoice"
    assert spec.replication_key == "UpdatedDate"
    assert [(field.name, field.kind, field.source) for field in spec.fields] == [
        ("Id", "string", "Id"),
        ("Amount", "number", "Amount"),
        ("DueDate", "date", "DueDate"),
        ("AutoPay", "boolean", "AutoPay"),
        ("Runs", "integer", "Runs"),
        ("Query", "string", "Query"),
        ("Mood__c", "string", "Mood__c"),
        ("BillToId", "string", "BillToId"),
        ("UpdatedDate", "datetime", "UpdatedDate"),
        ("AccountId", "string", "Account.Id"),
        ("SoldToContactId", "string", "SoldToContact.Id"),
    ]


def test_related_objects_may_be_left_out():
    spec = parse_object(DOCUMENT, are_keys_joined=False)
    assert spec is not None
    assert not any(field.is_joined for field in spec.fields)


def test_an_unknown_type_is_text_and_warned_about(caplog):
    with caplog.at_level(logging.WARNING):
        parse_object(DOCUMENT)
    assert "Invoice.Mood__c: type 'emotion' is read as text" in caplog.text


def test_everything_but_the_id_may_be_null():
    spec = parse_object(DOCUMENT)
    assert spec is not None
    schema = build_schema(spec, has_deleted=True)
    properties = schema["properties"]
    assert properties["Id"] == {"type": ["string"]}
    assert properties["Amount"] == {"type": ["number", "null"]}
    assert properties["DueDate"] == {"type": ["string", "null"], "format": "date"}
    assert properties["UpdatedDate"]["format"] == "date-time"
    assert properties["Deleted"] == {"type": ["boolean", "null"]}
    assert properties["_sdc_deleted_at"]["format"] == "date-time"
    assert schema["required"] == ["Id"]
    assert "Deleted" not in build_schema(spec, has_deleted=False)["properties"]


def make_document(*fields):
    nodes = "".join(
        f"<field><name>{name}</name><selectable>true</selectable><type>{kind}</type>"
        "<contexts><context>export</context></contexts></field>"
        for name, kind in fields
    )
    return f"<object><name>Thing</name><fields>{nodes}</fields></object>".encode()


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ((("Id", "text"), ("TransactionDate", "datetime")), "TransactionDate"),
        ((("Id", "text"), ("UpdatedOn", "datetime")), "UpdatedOn"),
        (
            (("Id", "text"), ("UpdatedOn", "datetime"), ("UpdatedDate", "datetime")),
            "UpdatedDate",
        ),
        ((("Id", "text"), ("Name", "text")), None),
    ],
)
def test_the_first_known_stamp_is_the_replication_key(fields, key):
    spec = parse_object(make_document(*fields))
    assert spec is not None
    assert spec.replication_key == key


def test_an_object_without_an_id_to_export_is_none():
    assert parse_object(make_document(("Name", "text"))) is None


def test_a_field_without_a_joined_namesake_is_its_own_source():
    assert FieldSpec("AccountId", "string", "Account.Id").is_joined
    assert not FieldSpec("AccountId", "string", "AccountId").is_joined


def test_fields_of_older_documents_are_selectable_and_nameless_ones_are_left_out():
    # Shape recorded from singer-io/tap-zuora's sample, which has no <selectable>.
    document = (
        b"<object><name>Thing</name><fields>"
        b"<field><name>Id</name><required>False</required><type>text</type>"
        b"<contexts><context>export</context></contexts></field>"
        b"<field><type>text</type>"
        b"<contexts><context>export</context></contexts></field>"
        b"<field><name>Bare</name><type>text</type></field>"
        b"</fields></object>"
    )
    spec = parse_object(document)
    assert spec is not None
    assert [field.name for field in spec.fields] == ["Id"]


def test_the_list_of_objects_is_read():
    document = (
        b"<objects><object href='x'><name>Account</name><label>A</label></object>"
        b"<object><name>Invoice</name></object></objects>"
    )
    assert parse_object_names(document) == ["Account", "Invoice"]


@pytest.mark.parametrize("parse", [parse_object, parse_object_names])
@given(document=st.binary(max_size=200))
def test_any_other_document_is_refused(parse, document):
    with pytest.raises(DescribeError):
        parse(document)
    with pytest.raises(DescribeError):
        parse(b"<html><body>Sorry</body></html>")
