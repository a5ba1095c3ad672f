"""The state of one Facebook server: business, clock, tokens, runs, faults."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.clock import VirtualClock
from bizops_sandbox.servers.facebook.fault_kinds import FAULT_KINDS
from bizops_sandbox.servers.facebook.nodes import retyped
from bizops_sandbox.servers.facebook.report_runs import ReportRuns
from bizops_sandbox.servers.facebook.settings import Settings
from bizops_sandbox.servers.facebook.tokens import Tokens
from bizops_sandbox.servers.facebook.usage import Usage
from bizops_sandbox.servers.faults import Facts, Fault, FaultBoard
from bizops_sandbox.servers.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable
    from datetime import date

    from bizops_sandbox.projections.facebook_business import AdDay, FacebookBusiness
    from bizops_sandbox.servers.facebook.calls import Call

    BusinessFactory = Callable[[date], FacebookBusiness]

_DAY_S = 24 * 3600


class Simulator:
    """One business being served.

    `make_business` gives the business as of the end of a day; it is called once at
    the start and whenever the server is moved to another day.
    """

    def __init__(
        self,
        make_business: BusinessFactory,
        as_of: date,
        *,
        settings: Settings | None = None,
        faults: FaultBoard | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._make_business = make_business
        self.business = make_business(as_of)
        self.as_of = as_of
        self.clock = VirtualClock(self.business.as_of)
        self.tokens = Tokens(self.settings.credentials, self.clock.now())
        self.runs = ReportRuns()
        self.faults = faults or FaultBoard(FAULT_KINDS)
        self.journal = journal or Journal()
        self.usage = Usage()
        self.reports: OrderedDict[Hashable, list[dict[str, Any]]] = OrderedDict()
        # Calls are answered in threads, one at a time: runs and tokens change.
        self.lock = threading.Lock()
        self._traces = 0

    def move(self, as_of: date) -> None:
        """Show the business as of another day; tokens, runs and journal stay.

        Raises:
            ValueError: for a day outside the company's time.
        """
        business = self._make_business(as_of)
        with self.lock:
            self.business, self.as_of = business, as_of
            self.clock.move(business.as_of)

    def take_fault(
        self,
        kinds: Collection[str],
        call: Call,
        *,
        page: int | None = None,
        is_paged: bool = False,
    ) -> Fault | None:
        """Let a fault that is due strike a call."""
        facts = replace(self.facts_of(call), page=page if is_paged else None)
        return self.faults.take(kinds, facts)

    def facts_of(self, call: Call) -> Facts:
        """Tell what a call is about."""
        return Facts(
            host="graph",
            method=call.method,
            path="/" + "/".join([f"v{call.version}.0", *call.path]),
            object=self.object_of(call),
        )

    def object_of(self, call: Call) -> str:
        """What a call is about, as faults name it: an edge, or the kind of a node."""
        if len(call.path) > 1:
            return call.path[-1]
        if not call.path:
            return "batch" if "batch" in call.params else "ids"
        if self.runs.find(call.path[0], self.clock.now()) is not None:
            return "report_run"
        node = self.business.by_id.get(call.path[0])
        return call.path[0] if node is None else node.kind

    def hidden_ids(self) -> frozenset[str]:
        """The ids that faults hide."""
        return frozenset(
            str(node_id)
            for fault in self.faults.lasting("rows_hidden")
            for node_id in fault.parameters["ids"]
        )

    def lasting_faults(self) -> tuple[str, ...]:
        """The faults that hold until they are cleared, as texts."""
        return tuple(
            repr((fault.kind.name, fault.match, fault.parameters))
            for kind in self.faults.kinds.values()
            if kind.is_lasting
            for fault in self.faults.lasting(kind.name)
        )

    def as_stated_now(self, ad_day: AdDay, today: date) -> AdDay:
        """An ad's day; of today only the part that is over, when set so."""
        if not self.settings.is_today_partial or ad_day.day != today:
            return ad_day
        node = self.business.by_id[ad_day.ad_id]
        account = self.business.account(node.account_id)
        if account is None:
            return ad_day
        now = self.clock.now().astimezone(account.zone)
        passed = Decimal(now.hour * 3600 + now.minute * 60 + now.second) / _DAY_S
        spend = (ad_day.spend * passed).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return replace(
            ad_day,
            spend=spend,
            impressions=int(ad_day.impressions * passed),
            clicks=int(ad_day.clicks * passed),
        )

    def retyped(self, value: Any, to: str) -> Any:  # noqa: ANN401
        """A value in another type, as a fault wants it."""
        return retyped(value, to)

    def next_trace_id(self) -> str:
        """The next fbtrace_id, the same in each run of the same requests."""
        self._traces += 1
        digest = hashlib.sha256(f"trace|{self._traces}".encode()).hexdigest()
        return f"A{digest[:22]}"
