"""The tap: its parts, its streams, and what surrounds a run over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from reading_kit.call_metrics import CallsMade
from reading_kit.command import ReadingTap, run_as_process
from reading_kit.errors import ApiError
from tap_facebook_ads.accounts import AdAccount, check_accounts
from tap_facebook_ads.client import GraphClient
from tap_facebook_ads.config_schema import CONFIG_SCHEMA, IGNORED_SETTINGS
from tap_facebook_ads.objects import ALIASES, OBJECTS
from tap_facebook_ads.settings import Settings, parse_settings, translate_config
from tap_facebook_ads.streams import InsightStream, ObjectStream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream
    from singer_sdk.singerlib import Catalog

    from reading_kit.record_stream import RecordStream

#: A token that ends sooner is warned of.
TOKEN_WARNING = timedelta(days=7)
#: Threads that load rows; report runs at work take none.
_WORKERS = 8


class TapFacebookAds(ReadingTap):
    """Singer tap for Facebook Ads, on the Marketing API."""

    name = "tap-facebook-ads"
    package_name = "bizops-tap-facebook-ads"
    config_jsonschema = CONFIG_SCHEMA
    ignored_settings: ClassVar[frozenset[str]] = IGNORED_SETTINGS

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        return parse_settings(self.config, version=self.plugin_version)

    @cached_property
    def client(self) -> GraphClient:
        """Give the connection to the API; nothing is asked before its first use."""
        return GraphClient(self.settings, clock=self.clock)

    @cached_property
    def accounts(self) -> tuple[AdAccount, ...]:
        """Give the ad accounts, each looked up once."""
        return check_accounts(self.client, self.settings.account_ids)

    def worker_count(self) -> int:
        """Give how many lists and reports are loaded at once."""
        return _WORKERS

    # Configuration, catalog and state

    def normalize(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Bring a config of this or another tap into one form."""
        return super().normalize(translate_config(raw))

    @property
    def input_catalog(self) -> Catalog | None:
        """Give the catalog, its streams under our names."""
        catalog: Catalog | None = super().input_catalog
        if catalog is not None:
            for old, new in ALIASES.items():
                _rename_stream(catalog, old, new)
        return catalog

    def load_state(self, state: dict[str, Any]) -> None:
        """Take a state over, with bookmarks of other taps under our names.

        Raises:
            SettingsError: it is not a state.
        """
        super().load_state(state)
        bookmarks = self._state.get("bookmarks", {})
        for old, new in ALIASES.items():
            if old in bookmarks:
                bookmarks.setdefault(new, bookmarks.pop(old))

    def discover_streams(self) -> Sequence[RecordStream]:
        """Give all streams; they are known without asking the service."""
        return [
            *(ObjectStream(self, spec) for spec in OBJECTS),
            *(InsightStream(self, report) for report in self.settings.reports),
        ]

    # The run

    def prepare_run(self, streams: Sequence[Stream]) -> None:  # noqa: ARG002
        """Look the accounts up and see how long the token lives."""
        self.logger.info("reading %d ad accounts", len(self.accounts))
        self._check_token()

    def calls_made(self) -> CallsMade | None:
        """Give the API calls so far, and the highest share of a limit."""
        if "client" not in self.__dict__:
            return None
        guard = self.client.guard
        return CallsMade(guard.calls, {"used_percent": guard.highest_percent})

    def finish_run(self) -> None:
        """Tell the API calls made."""
        guard = self.client.guard
        self.logger.info(
            "API calls: %d by this run; at most %g %% of a limit used",
            guard.calls,
            guard.highest_percent,
        )

    def _check_token(self) -> None:
        """Warn of a token that ends soon; silence is no trouble."""
        token = self.settings.access_token
        # As a form, so that the token is in no address.
        form = {"method": "GET", "input_token": token}
        try:
            answer = self.client.post_json("debug_token", form)
            expires_s = int(answer["data"].get("expires_at") or 0)
        except (ApiError, AttributeError, KeyError, TypeError, ValueError) as error:
            kind = error if isinstance(error, ApiError) else "an answer without data"
            self.logger.info("the token's end is not known: %s", kind)
            return
        if not expires_s:
            return
        expires_at = datetime.fromtimestamp(expires_s, tz=UTC)
        if expires_at - self.client.server_time() < TOKEN_WARNING:
            self.logger.warning(
                "access_token: it expires on %s; make a new one, or use one of a "
                "system user, which does not expire",
                expires_at.date(),
            )


def _rename_stream(catalog: Catalog, old: str, new: str) -> None:
    """Give an entry of another tap's catalog our name, where ours is not there."""
    if old not in catalog or new in catalog:
        return
    entry = catalog.pop(old)
    entry.tap_stream_id = entry.stream = new
    catalog[new] = entry


def main() -> NoReturn:
    """Run as a process."""
    run_as_process(TapFacebookAds)


if __name__ == "__main__":
    main()
