"""The describe calls of the Zuora server."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest


def read(answer):
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/xml")
    return ET.fromstring(answer.content)  # noqa: S314 - our own server's


def exported(root):
    """Read a describe as a careful client does: direct children only."""
    return {
        field.findtext("name"): field.findtext("type")
        for field in root.findall("fields/field")
        if field.findtext("selectable") == "true"
        and "export" in [c.text for c in field.findall("contexts/context")]
    }


def test_the_list_names_every_object_with_its_address(zuora):
    root = read(zuora.get("/v1/describe"))
    assert root.tag == "objects"
    names = {item.findtext("name") for item in root.findall("object")}
    assert {"Account", "Subscription", "RatePlanCharge", "Invoice", "Export"} <= names
    for item in root.findall("object"):
        assert item.get("href") == (
            f"{zuora.base_url}/v1/describe/{item.findtext('name')}"
        )
        assert item.findtext("label")


def test_an_object_is_described_with_fields_and_related_objects(zuora):
    root = read(zuora.get("/v1/describe/Account"))
    fields = exported(root)
    assert fields["UpdatedDate"] == "datetime"
    assert fields["Balance"] == "decimal"
    assert fields["AutoPay"] == "boolean"
    assert fields["LastInvoiceDate"] == "date"
    assert fields["Region__c"] == "picklist"
    for field in root.findall("fields/field"):
        tags = [child.tag for child in field]
        assert tags[:3] == ["name", "label", "selectable"]
        assert {"custom", "required", "type", "options", "contexts"} <= set(tags)
    related = root.findall("related-objects/object")
    assert {"TO_ONE"} == {item.findtext("cardinality") for item in related}
    zuora.set(lists_to_many=True)
    more = read(zuora.get("/v1/describe/Account")).findall("related-objects/object")
    assert {"TO_ONE", "TO_MANY"} == {item.findtext("cardinality") for item in more}
    assert zuora.submit("select Subscription.Id from Account")["errorCode"] == "90005"


def test_stray_fields_and_fields_out_of_the_export_context_are_there(zuora):
    root = read(zuora.get("/v1/describe/Account"))
    everywhere = {f.findtext("name") for f in root.iter("field")}
    assert "StrayField" in everywhere
    assert "StrayField" not in exported(root)
    listed = {f.findtext("name") for f in root.findall("fields/field")}
    assert "PasswordExpires" in listed
    assert "PasswordExpires" not in exported(root)


def test_an_object_without_a_single_exported_field_exists_and_fails_late(zuora):
    root = read(zuora.get("/v1/describe/BillingPreviewRun"))
    assert root.findall("fields/field")
    assert not exported(root)
    job = zuora.run("select * from BillingPreviewRun")
    assert job["status"] == "error"
    assert "You must specify a select" in job["batches"][0]["message"]


def test_an_unknown_object_is_not_found(zuora):
    answer = zuora.get("/v1/describe/Unicorn")
    assert answer.status_code == 404
    assert answer.json()["success"] is False


def test_credit_memos_are_described_in_tenants_with_invoice_settlement_only(zuora):
    assert zuora.get("/v1/describe/CreditMemo").status_code == 404
    zuora.set(has_invoice_settlement=True)
    assert zuora.get("/v1/describe/CreditMemo").status_code == 200
    assert zuora.rows("select Id, Amount, Invoice.Id from CreditMemo")


@pytest.mark.parametrize("name", ["Account", "InvoiceItem", "RatePlanCharge"])
def test_all_that_describe_exports_can_be_queried(zuora, name):
    root = read(zuora.get(f"/v1/describe/{name}"))
    fields = list(exported(root))
    related = [
        f"{item.findtext('name')}.Id"
        for item in root.findall("related-objects/object")
        if item.findtext("cardinality") == "TO_ONE"
    ]
    own = zuora.get("/v1/describe")
    known = {i.findtext("name") for i in read(own).findall("object")}
    reachable = [
        f"{item.findtext('name')}.Id"
        for item in root.findall("related-objects/object")
        if item.get("href").rpartition("/")[2] in known
        and item.findtext("cardinality") == "TO_ONE"
    ]
    assert set(reachable) <= set(related)
    rows = zuora.rows(f"select {', '.join(fields + reachable)} from {name}")
    assert len(rows) == zuora.count(name)


def test_a_schema_changes_between_runs(zuora):
    zuora.arm(
        {"fault": "field_removed", "object": "Account", "field": "VATId"},
        {
            "fault": "field_added",
            "object": "Account",
            "field": "Tier__c",
            "value": "gold",
        },
        {
            "fault": "field_retyped",
            "object": "Account",
            "field": "BillCycleDay",
            "type": "text",
        },
        {"fault": "field_unexportable", "object": "Account", "field": "Notes"},
    )
    fields = exported(read(zuora.get("/v1/describe/Account")))
    assert "VATId" not in fields
    assert "Notes" not in fields
    assert fields["BillCycleDay"] == "text"
    rows = zuora.rows("select Id, Tier__c from Account limit 3")
    assert {row["Account.Tier__c"] for row in rows} == {"gold"}
    refused = zuora.submit("select Id, VATId from Account")
    assert refused["errorCode"] == "90005"
    assert "There is no field named VATId" in refused["message"]
