"""Answers have the fields, types and envelopes of recorded ones and of the contract."""

from __future__ import annotations

import json

import pytest

JANUARY = {"startAt": "2018-01-01T00:00:00Z", "endAt": "2018-01-31T23:59:59Z"}
_TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "number": (int, float),
}
# What the contract calls required and the recorded answers leave out.
_LEFT_OUT = {"errors", "warnings"}


def _definitions(recorded, name):
    return recorded["contract"][name]


def _check(value, name, definitions):
    """Check an object against a definition: what is known has the right type."""
    # The contract has searchable fields as objects; they are recorded as lists.
    if name == "LeadAttribute2SearchableFields" and isinstance(value, list):
        return
    definition = definitions[name]
    missing = set(definition.get("required", ())) - set(value) - _LEFT_OUT
    assert not missing, (name, missing)
    for key, inner in value.items():
        spec = definition["properties"].get(key)
        if spec is None or inner is None:
            continue
        if "$ref" in spec:
            kind = spec["$ref"].rpartition("/")[2]
            if definitions[kind].get("properties"):
                assert isinstance(inner, dict), (name, key)
            continue
        if spec["type"] == "object":
            continue
        assert isinstance(inner, _TYPES[spec["type"]]), (name, key, inner)
        items = spec.get("items", {})
        if spec["type"] == "array" and "$ref" in items:
            for each in inner:
                _check(each, items["$ref"].rpartition("/")[2], definitions)


def _shape(document):
    return {key: type(value) for key, value in document.items()}


def _same_types(ours, theirs):
    for key, kind in theirs.items():
        assert key in ours, key
        if kind is not type(None) and ours[key] is not type(None):
            assert ours[key] is kind, key


def test_lists_are_as_recorded(marketo, recorded):
    theirs = recorded["lists_response.json"]
    ours = marketo.read("/rest/v1/lists.json", batchSize=1)
    assert _shape(ours) == _shape(theirs)
    _same_types(_shape(ours["result"][0]), _shape(theirs["result"][0]))


def test_campaigns_are_as_recorded(marketo, recorded):
    theirs = recorded["campaign_response.json"]
    ours = marketo.read("/rest/v1/campaigns.json", batchSize=1)
    assert _shape(ours) == _shape(theirs)
    assert _shape(ours["result"][0]) == _shape(theirs["result"][0])


def test_leads_of_a_list_are_as_recorded(marketo, recorded):
    theirs = recorded["lead_by_list.json"]
    ours = marketo.read("/rest/v1/lists/1001/leads.json", batchSize=1)
    assert _shape(ours) == _shape(theirs)
    assert list(ours["result"][0]) == list(theirs["result"][0])
    _same_types(_shape(ours["result"][0]), _shape(theirs["result"][0]))


def test_leads_of_a_program_are_as_recorded(marketo, recorded):
    theirs = recorded["lead_by_program_response.json"]
    programs = marketo.read("/rest/asset/v1/programs.json")["result"]
    for program in programs:
        path = f"/rest/v1/leads/programs/{program['id']}.json"
        ours = marketo.read(path, batchSize=1)
        if "nextPageToken" in ours:
            break
    assert _shape(ours) == _shape(theirs)
    one, other = ours["result"][0], theirs["result"][0]
    _same_types(_shape(one), _shape(other))
    assert _shape(one["membership"]) == _shape(other["membership"])


def test_programs_are_as_recorded(marketo, recorded):
    theirs = recorded["program_response.json"]
    ours = marketo.read("/rest/asset/v1/programs.json")
    assert _shape(ours) == _shape(theirs)
    for program in ours["result"]:
        _same_types(_shape(program), _shape(theirs["result"][0]))
        assert _shape(program["folder"]) == _shape(theirs["result"][0]["folder"])


def test_the_describe_is_as_recorded(marketo, recorded):
    theirs = recorded["lead_describe.json"]
    ours = marketo.read("/rest/v1/leads/describe.json")
    assert _shape(ours) == _shape(theirs)
    known = {field["dataType"] for field in theirs["result"]}
    for field in ours["result"]:
        assert set(field) <= {"id", "displayName", "dataType", "length", "rest", "soap"}
        assert field["dataType"] in known | {"reference", "formula", "score"}
        assert _shape(field["soap"]) == _shape(theirs["result"][0]["soap"])


def test_the_describe_of_members_is_as_recorded(marketo, recorded):
    theirs = recorded["program_members_describe.json"]
    (ours,) = marketo.read("/rest/v1/programs/members/describe.json")["result"]
    assert _shape(ours) == _shape(theirs)
    custom = {"programMemberCustomFieldTest"}
    their_fields = {field["name"]: field for field in theirs["fields"]}
    our_fields = {field["name"]: field for field in ours["fields"]}
    assert set(our_fields) == set(their_fields) - custom
    for name, field in our_fields.items():
        assert field == their_fields[name]


def test_exported_leads_have_columns_the_recorded_export_has(marketo, recorded):
    theirs = recorded["lead_extract1.csv"]
    columns = theirs["columns"]
    fields = [
        field["rest"]["name"]
        for field in marketo.read("/rest/v1/leads/describe.json")["result"]
        if "rest" in field and field["id"] < 100 and field["dataType"] != "formula"
    ]
    # Both of Marketo, in another edition than the recorded one.
    newer = {"acquisitionDate", "acquisitionProgramId"}
    assert set(fields) - newer <= set(columns)
    shared = [name for name in fields if name in columns]
    ours = marketo.rows("leads", fields=shared, filter={"updatedAt": JANUARY})
    for name in set(shared) & set(theirs["booleans"]):
        assert {row[name] for row in ours} <= {"true", "false", "null"}, name
    assert all(row["createdAt"].endswith("Z") for row in ours)


def test_exported_activities_are_as_recorded(marketo, recorded):
    theirs = recorded["activity_extract1.csv"]
    wanted = {"filter": {"createdAt": JANUARY, "activityTypeIds": [12]}}
    ours = marketo.rows("activities", **wanted)
    assert list(ours[0]) == theirs["columns"]
    attributes = set(theirs["attributes"])
    known = {"Source Type", "List Name", "Created Date"}
    assert attributes == known
    for row in ours:
        assert set(json.loads(row["attributes"])) <= known
        assert row["primaryAttributeValueId"] == row["leadId"]
        assert row["primaryAttributeValue"] == "null"
        assert len(row["activityDate"]) == len(theirs["activityDate"])


def test_exported_members_are_as_recorded(marketo, recorded):
    theirs = recorded["program_members_extract.csv"]
    columns = theirs["columns"]
    fields = [name for name in columns if name != "programMemberCustomFieldTest"]
    ids = [row["id"] for row in marketo.read("/rest/asset/v1/programs.json")["result"]]
    ours = marketo.rows(
        "program/members", fields=fields, filter={"programIds": ids[:10]}
    )
    assert list(ours[0]) == fields
    for name in theirs["digits"]:
        assert {row[name] for row in ours} <= {"0", "1"}
    for row in ours:
        assert len(row["membershipDate"]) == len(theirs["membershipDate"])


LEAD_DATABASE = [
    ("/rest/v1/lists.json", "StaticList"),
    ("/rest/v1/campaigns.json", "Campaign"),
    ("/rest/v1/activities/types.json", "ActivityType"),
    ("/rest/v1/leads/describe.json", "LeadAttribute"),
    ("/rest/v1/leads/describe2.json", "LeadAttribute2"),
    ("/rest/v1/programs/members/describe.json", "ProgramMemberAttribute2"),
    ("/rest/v1/stats/usage.json", "UsageData"),
    ("/rest/v1/stats/errors.json", "ErrorsData"),
]


@pytest.mark.parametrize(("path", "name"), LEAD_DATABASE)
def test_the_lead_database_keeps_the_contract(marketo, recorded, path, name):
    definitions = _definitions(recorded, "mapi")
    document = marketo.read(path)
    _check(document, "ResponseOfLead", {**definitions, "Lead": {"properties": {}}})
    for row in document["result"]:
        _check(row, name, definitions)


ASSETS = [
    ("programs", "BrowseAllPrograms"),
    ("smartCampaigns", "SmartCampaignResponse"),
    ("staticLists", "StaticListResponse"),
    ("smartLists", "SmartListResponse"),
    ("emails", "EmailResponse"),
    ("emailTemplates", "EmailTemplateResponse"),
    ("forms", "LpFormResponse"),
    ("landingPages", "LandingPageResponse"),
    ("folders", "FolderResponse"),
    ("segmentation", "SegmentationResponse"),
    ("channels", "ChannelResponse"),
    ("tagTypes", "TagResponseGetAll"),
]


@pytest.mark.parametrize(("kind", "name"), ASSETS)
def test_assets_keep_the_contract(marketo, recorded, kind, name):
    definitions = _definitions(recorded, "asset")
    document = marketo.read(f"/rest/asset/v1/{kind}.json", maxReturn=200)
    _check(
        document,
        "ResponseOfProgramResponse",
        {**definitions, name: {}, "ProgramResponse": {"properties": {}}},
    )
    for row in document["result"]:
        _check(row, name, definitions)


def test_a_whole_program_keeps_the_contract(marketo, recorded):
    definitions = _definitions(recorded, "asset")
    for row in marketo.read("/rest/asset/v1/programs.json")["result"]:
        path = f"/rest/asset/v1/program/{row['id']}.json"
        _check(marketo.read(path)["result"][0], "ProgramResponse", definitions)


def test_activities_and_jobs_keep_the_contract(marketo, recorded):
    definitions = _definitions(recorded, "mapi")
    token = marketo.read(
        "/rest/v1/activities/pagingtoken.json", sinceDatetime="2017-12-01"
    )
    _check(token, "ResponseOfVoid", definitions)
    for path in ("activities", "activities/deletedleads"):
        document = marketo.read(
            f"/rest/v1/{path}.json",
            nextPageToken=token["nextPageToken"],
            activityTypeIds="1,2,6,12,13,22,104",
        )
        _check(document, "ResponseOfActivity", definitions)
    changes = marketo.read(
        "/rest/v1/activities/leadchanges.json",
        nextPageToken=token["nextPageToken"],
        fields="leadStatus",
    )
    for row in changes["result"]:
        _check(row, "LeadChange", definitions)
    wanted = {"fields": ["id"], "filter": {"createdAt": JANUARY}}
    job_id = marketo.complete("leads", **wanted)
    _check(marketo.status("leads", job_id), "ExportResponse", definitions)
    listed = marketo.read("/bulk/v1/leads/export.json")
    _check(listed, "ResponseOfExportResponseWithToken", definitions)


def test_the_token_keeps_the_contract(marketo, recorded):
    definitions = _definitions(recorded, "identity")
    _check(marketo.token().json(), "ResponseOfIdentity", definitions)


def test_errors_keep_the_contract(marketo, recorded):
    definitions = _definitions(recorded, "mapi")
    document = marketo.get("/rest/v1/nothing.json").json()
    for error in document["errors"]:
        _check(error, "Error", definitions)
