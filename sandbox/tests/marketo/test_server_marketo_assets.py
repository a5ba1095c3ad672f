"""The asset API: browsing by offset, dates, single assets, tokens."""

from __future__ import annotations

import pytest

NO_ASSETS = "No assets found for the given search criteria."
KINDS = (
    "programs",
    "smartCampaigns",
    "staticLists",
    "smartLists",
    "emails",
    "emailTemplates",
    "forms",
    "landingPages",
    "folders",
    "segmentation",
    "channels",
    "tagTypes",
)


def _browse(marketo, kind, **params):
    rows, offset, size = [], 0, params.pop("maxReturn", 200)
    while True:
        document = marketo.read(
            f"/rest/asset/v1/{kind}.json", offset=offset, maxReturn=size, **params
        )
        if "result" not in document:
            assert document["warnings"] == [NO_ASSETS]
            return rows
        rows += document["result"]
        offset += size


@pytest.mark.parametrize("kind", KINDS)
def test_browsing_by_offset_finds_each_asset_once(marketo, kind):
    whole = _browse(marketo, kind)
    assert whole
    assert _browse(marketo, kind, maxReturn=3) == whole
    for row in whole:
        for name in ("createdAt", "updatedAt"):
            assert name not in row or row[name].endswith("Z+0000")


def test_pages_have_20_rows_by_default_and_200_at_most(marketo):
    assert len(marketo.read("/rest/asset/v1/emails.json")["result"]) == 20
    assert marketo.code("/rest/asset/v1/emails.json", maxReturn=201) == "1003"


def test_browsing_programs_leaves_out_tags_and_costs(marketo):
    rows = _browse(marketo, "programs")
    assert all("tags" not in row and "costs" not in row for row in rows)
    paid = 0
    for row in rows:
        path = f"/rest/asset/v1/program/{row['id']}.json"
        (whole,) = marketo.read(path)["result"]
        assert {**row, "tags": whole["tags"], "costs": whole["costs"]} == whole
        for cost in whole["costs"] or []:
            paid += cost["cost"]
            assert set(cost) == {"startDate", "cost", "note"}
    assert paid > 0
    named = marketo.read("/rest/asset/v1/program/byName.json", name=rows[0]["name"])
    assert named["result"][0]["id"] == rows[0]["id"]


def test_browsing_by_date_finds_what_was_changed_then(marketo):
    rows = _browse(marketo, "programs")
    stamps = sorted(row["updatedAt"].removesuffix("+0000") for row in rows)
    middle = stamps[len(stamps) // 2]
    late = _browse(marketo, "programs", earliestUpdatedAt=middle)
    early = _browse(marketo, "programs", latestUpdatedAt=middle)
    at_once = [row for row in late if row in early]
    assert len(late) + len(early) - len(at_once) == len(rows)
    assert len(late) < len(rows)


def test_status_filters_what_has_one(marketo):
    assert _browse(marketo, "emails", status="approved")
    assert _browse(marketo, "emails", status="draft") == []


def test_an_unknown_asset_is_a_warning(marketo):
    document = marketo.read("/rest/asset/v1/program/1.json")
    assert document["warnings"] == [NO_ASSETS]


def test_programs_have_tokens(marketo):
    program = _browse(marketo, "programs")[0]
    path = f"/rest/asset/v1/folder/{program['id']}/tokens.json"
    (found,) = marketo.read(path, folderType="Program")["result"]
    assert found["folder"] == {"value": program["id"], "type": "Program"}
    assert set(found["tokens"][0]) == {"name", "type", "value", "computedUrl"}


def test_a_segmentation_has_segments(marketo):
    (row,) = _browse(marketo, "segmentation")
    path = f"/rest/asset/v1/segmentation/{row['id']}/segments.json"
    assert len(marketo.read(path)["result"]) == 3
