"""A plugin's end in words: who failed first, with its last lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, PluginError
from bizops_cli.process.child import explain_status
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from bizops_cli.process.pipe import PipeResult
    from bizops_cli.process.tail import Tail
    from bizops_cli.usecases.plugin import ReadyPlugin

_ADVICE = {
    2: "Correct the settings of {name} in bizops.yml; `bizops check` helps.",
    3: "The data is not what the tap announced; report it to the tap's authors.",
    4: "Look at what the database says above; rights and space are usual causes.",
    5: "Is the server up, and the address right? The next run goes on from here.",
    6: "Wait for the other run to end, or look for it with `bizops runs list`.",
}


def plugin_failure(
    what: str, status: int, tail: Tail, *, tap: str, name: str | None = None
) -> PluginError:
    """Return the error of a plugin that ended badly.

    Args:
        what: What failed, e.g. `tap-x --discover`.
        status: Its exit status.
        tail: Its stderr.
        tap: The tap, so that the reader knows which load this was.
        name: The plugin, when it is not the tap.
    """
    lines = tail.last_lines()
    context: dict[str, object] = {}
    if lines:
        context["its last lines"] = "\n    ".join(["", *lines])
    context["its log"] = tail.file
    if name is not None and name != tap:
        context["while loading"] = tap
    advice = _ADVICE.get(status, "Look at its log; the next run goes on from here.")
    return PluginError(
        f"{what} {explain_status(status)}",
        advice.format(name=name or tap),
        context,
        plugin_status=status,
    )


def pipe_failure(
    result: PipeResult,
    tap: ReadyPlugin,
    target: ReadyPlugin,
    *,
    tap_tail: Tail,
    target_tail: Tail,
) -> Exception | None:
    """Return the error of the one that failed first; None if none did."""
    if result.error is not None:
        if isinstance(result.error, BizopsError):
            context = {"tap's log": tap_tail.file, "target's log": target_tail.file}
            result.error.context = {**result.error.context, **context}
        return result.error
    if result.failed == "tap":
        return plugin_failure(tap.name, result.tap_status, tap_tail, tap=tap.name)
    if result.failed == "target" and result.target_status:
        return plugin_failure(
            target.name,
            result.target_status,
            target_tail,
            tap=tap.name,
            name=target.name,
        )
    if result.failed == "target":
        return PluginError(
            f"{target.name} ended before it had read everything {tap.name} sent",
            "Look at its log; report it to the target's authors.",
            {"its log": target_tail.file},
        )
    return None


def in_one_line(error: BaseException | None) -> str:
    """Return what the record keeps of an error; nothing of no error.

    Of an unexpected one only its type: its text may hold anything.
    """
    if error is None:
        return ""
    if isinstance(error, BizopsError):
        return redact(str(error))
    return f"internal error: {type(error).__name__}"
