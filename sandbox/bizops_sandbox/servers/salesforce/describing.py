"""What the org tells of itself: the list of objects and each object's describe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.salesforce.formats import COMPOUND_TYPES, NUMBER_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_sandbox.projections.salesforce_org import (
        FieldSpec,
        ObjectTable,
        SalesforceOrg,
    )

_SYSTEM_FIELDS = frozenset(
    {
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    }
)
_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    "location": "urn:location",
    **dict.fromkeys(NUMBER_TYPES, "xsd:double"),
}
# Objects an org lists although nobody may query them: a reader must leave them out.
UNQUERYABLE = ("AccountChangeEvent", "ActivityHistory", "OpenActivity")


def describe_global(org: SalesforceOrg, *, version: str) -> dict[str, Any]:
    """Return the answer of `/sobjects`: every object of the org, by name."""
    listed = [summarise(table, version=version) for table in org.objects.values()]
    listed += [_unqueryable(name, version=version) for name in UNQUERYABLE]
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": sorted(listed, key=lambda summary: str(summary["name"])),
    }


def describe_object(table: ObjectTable, *, version: str) -> dict[str, Any]:
    """Return the answer of `/sobjects/X/describe`."""
    summary = summarise(table, version=version)
    return {
        **summary,
        "actionOverrides": [],
        "childRelationships": [],
        "compactLayoutable": True,
        "fields": describe_fields(table.fields),
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": True,
                "developerName": "Master",
                "master": True,
                "name": "Master",
                "recordTypeId": "012000000000000AAA",
                "urls": {
                    "layout": f"{summary['urls']['sobject']}"
                    "/describe/layouts/012000000000000AAA"
                },
            }
        ],
        "searchLayoutable": True,
        "supportedScopes": [{"label": f"All {table.label}", "name": "everything"}],
    }


def describe_unqueryable(name: str, *, version: str) -> dict[str, Any]:
    """Return the describe of an object that is listed but cannot be queried."""
    return {
        **_unqueryable(name, version=version),
        "childRelationships": [],
        "fields": [],
        "recordTypeInfos": [],
    }


def summarise(table: ObjectTable, *, version: str) -> dict[str, Any]:
    """Return an object's entry in the list of objects."""
    return _summary(
        table.name,
        table.label,
        table.key_prefix,
        is_queryable=True,
        is_custom=table.name.endswith("__c"),
        version=version,
    )


def describe_fields(fields: Sequence[FieldSpec]) -> list[dict[str, Any]]:
    """Return the describe of each field, in order."""
    return [_describe_field(field) for field in fields]


def _unqueryable(name: str, *, version: str) -> dict[str, Any]:
    return _summary(
        name, name, None, is_queryable=False, is_custom=False, version=version
    )


def _summary(
    name: str,
    label: str,
    key_prefix: str | None,
    *,
    is_queryable: bool,
    is_custom: bool,
    version: str,
) -> dict[str, Any]:
    url = f"/services/data/v{version}/sobjects/{name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": is_queryable,
        "custom": is_custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": is_queryable,
        "deprecatedAndHidden": False,
        "feedEnabled": is_queryable,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": key_prefix,
        "label": label,
        "labelPlural": label if label.endswith("s") else f"{label}s",
        "layoutable": is_queryable,
        "mergeable": name in {"Account", "Contact", "Lead"},
        "mruEnabled": is_queryable,
        "name": name,
        "queryable": is_queryable,
        "replicateable": is_queryable,
        "retrieveable": is_queryable,
        "searchable": is_queryable,
        "triggerable": is_queryable,
        "undeletable": is_queryable,
        "updateable": is_queryable,
        "urls": {
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
            "sobject": url,
        },
    }


def _describe_field(field: FieldSpec) -> dict[str, Any]:
    is_compound = field.type in COMPOUND_TYPES
    is_system = field.name in _SYSTEM_FIELDS
    is_writable = not (is_system or is_compound or field.is_calculated)
    is_long_text = field.type == "textarea" and field.length > 255
    is_text = _soap_type(field) in {"xsd:string", "tns:ID"}
    return {
        "aggregatable": not is_compound,
        "aiPredictionField": False,
        "autoNumber": False,
        "byteLength": _byte_length(field),
        "calculated": field.is_calculated,
        "calculatedFormula": None,
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": field.compound_field_name,
        "controllerName": None,
        "createable": is_writable,
        "custom": field.is_custom,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultValueFormula": None,
        "defaultedOnCreate": is_system or field.type == "boolean",
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.precision if field.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": False,
        "extraTypeInfo": None,
        "filterable": field.is_filterable and not is_compound,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": is_text and not is_long_text,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.type == "id",
        "inlineHelpText": None,
        "label": field.label or field.name,
        "length": field.length if is_text else 0,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name == "Name",
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.is_nillable,
        "permissionable": is_writable and field.is_nillable,
        "picklistValues": _picklist(field),
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": 0 if field.type == "int" else field.precision,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": _relationship(field),
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": False,
        "scale": field.scale,
        "searchPrefilterable": False,
        "soapType": _soap_type(field),
        "sortable": field.is_filterable and not is_compound and not is_long_text,
        "type": field.type,
        "unique": False,
        "updateable": is_writable,
        "writeRequiresMasterRead": False,
    }


def _soap_type(field: FieldSpec) -> str:
    return _SOAP_TYPES.get(field.type, "xsd:string")


def _byte_length(field: FieldSpec) -> int:
    if _soap_type(field) == "tns:ID":
        return field.length
    return field.length * 3 if _soap_type(field) == "xsd:string" else 0


def _relationship(field: FieldSpec) -> str | None:
    if field.type != "reference":
        return None
    if field.is_custom:
        return f"{field.name.removesuffix('__c')}__r"
    return field.name.removesuffix("Id")


def _picklist(field: FieldSpec) -> list[dict[str, Any]]:
    return [
        {
            "active": True,
            "defaultValue": False,
            "label": value,
            "validFor": None,
            "value": value,
        }
        for value in field.picklist_values
    ]
