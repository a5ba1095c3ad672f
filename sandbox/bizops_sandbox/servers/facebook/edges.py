"""Lists of objects: the edges of accounts, campaigns, ad sets, ads, pages, forms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook import filtering
from bizops_sandbox.servers.facebook.graph_errors import (
    GraphError,
    bad_parameter,
    too_much_data,
    unknown_path,
)
from bizops_sandbox.servers.facebook.nodes import check_fields, read_fields, render
from bizops_sandbox.servers.facebook.paging import cut, page_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator

EDGES: Mapping[str, Mapping[str, str]] = {
    "AdAccount": {
        "campaigns": "Campaign",
        "adsets": "AdSet",
        "ads": "Ad",
        "adcreatives": "AdCreative",
        "adimages": "AdImage",
        "advideos": "AdVideo",
        "adlabels": "AdLabel",
        "customaudiences": "CustomAudience",
        "customconversions": "CustomConversion",
    },
    "Campaign": {"adsets": "AdSet", "ads": "Ad"},
    "AdSet": {"ads": "Ad"},
    "Ad": {"adcreatives": "AdCreative", "leads": "Lead"},
    "Page": {"leadgen_forms": "LeadgenForm"},
    "LeadgenForm": {"leads": "Lead"},
}
_ROLES = {"Campaign": "campaign", "AdSet": "adset", "Ad": "ad", "Page": "page"}
_LEVELS = frozenset({"Campaign", "AdSet", "Ad"})
# How much heavier a row of a kind is than its number of fields says.
_WEIGHTS = {"AdCreative": 4, "Ad": 2, "AdSet": 2}
_LEAD_SCOPE_KINDS = frozenset({"LeadgenForm", "Lead"})


def list_edge(call: Call, parent: Node, edge: str, simulator: Simulator) -> Any:  # noqa: ANN401
    """Answer an edge of a node with one page of its objects.

    Raises:
        GraphError: for an unknown edge, field or condition, or too heavy a page.
    """
    kind = EDGES.get(parent.kind, {}).get(edge)
    if kind is None:
        raise unknown_path(f"/{edge}")
    if kind in _LEAD_SCOPE_KINDS:
        _check_page_token(call, simulator)
    if kind == "AdImage" and "sort" in call.params:
        raise bad_parameter("The parameter sort is not supported for this edge.")
    wanted = read_fields(call.params.get("fields", ""))
    check_fields(wanted, kind, simulator)
    found = _selected(call, children(parent, kind, simulator), kind, simulator)
    keys = [node.id for node in found]
    part = cut(call, keys, simulator)
    shown = found[part.shown]
    weight = len(shown) * len(wanted) * _WEIGHTS.get(kind, 1)
    if weight > simulator.settings.edge_budget:
        raise too_much_data()
    rows = [render(node, wanted, simulator) for node in shown]
    return page_document(call, keys, rows, part)


def list_nodes(call: Call, nodes: Sequence[Node], simulator: Simulator) -> Any:  # noqa: ANN401
    """Answer with one page of given nodes, all of one kind."""
    default = "access_token,category,category_list,name,id,tasks"
    is_pages = bool(nodes) and nodes[0].kind == "Page"
    text = call.params.get("fields", default if is_pages else "")
    wanted = read_fields(text)
    keys = [node.id for node in nodes]
    part = cut(call, keys, simulator)
    rows = [render(node, wanted, simulator) for node in nodes[part.shown]]
    return page_document(call, keys, rows, part)


def children(parent: Node, kind: str, simulator: Simulator) -> list[Node]:
    """The objects of a kind that belong to a node, less what faults hide."""
    business = simulator.business
    if parent.kind == "Ad" and kind == "AdCreative":
        return [business.by_id[parent.parents["creative"]]]
    nodes = business.by_kind.get((parent.account_id, kind), ())
    role = "form" if parent.kind == "LeadgenForm" else _ROLES.get(parent.kind)
    hidden = simulator.hidden_ids()
    return [
        node
        for node in nodes
        if (role is None or node.parents.get(role) == parent.id)
        and node.id not in hidden
    ]


def _selected(
    call: Call, nodes: list[Node], kind: str, simulator: Simulator
) -> list[Node]:
    conditions = list(filtering.read_conditions(call))
    for condition in conditions:
        filtering.check_supported(condition, kind)
    if kind == "AdVideo":
        # The service takes this filter and does not heed it.
        conditions = [c for c in conditions if c.name != "updated_time"]
    if kind in _LEVELS:
        conditions += _parameters_as_conditions(call)
    if kind == "Lead" and simulator.settings.lead_days:
        oldest = simulator.clock.now() - timedelta(days=simulator.settings.lead_days)
        nodes = [node for node in nodes if node.created_at >= oldest]
    return filtering.selected(nodes, conditions, simulator.business.by_id)


def _parameters_as_conditions(call: Call) -> list[filtering.Condition]:
    conditions = []
    statuses = call.listed("effective_status")
    if statuses:
        conditions.append(
            filtering.Condition("", "effective_status", "IN", list(statuses))
        )
    if "updated_since" in call.params:
        since = call.number("updated_since", 0)
        conditions.append(
            filtering.Condition("", "updated_time", "GREATER_THAN_OR_EQUAL", since)
        )
    return conditions


def _check_page_token(call: Call, simulator: Simulator) -> None:
    if not simulator.settings.requires_page_token:
        return
    token = simulator.tokens.find(call.token)
    if token is None or token.kind != "PAGE":
        message = "(#190) This method must be called with a Page Access Token"
        raise GraphError(190, message, subcode=2069032)
