"""The command `bizops`: each command's module is imported when it is used."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from bizops_cli import __version__
from bizops_cli.cli.options import CommonOptions, common_options, examples
from bizops_cli.cli.output import note, print_error
from bizops_cli.errors import BizopsError

if TYPE_CHECKING:
    from collections.abc import Sequence

# name: (where the command is, its one line in the help)
COMMANDS: dict[str, tuple[str, str]] = {
    "remove": (
        "bizops_cli.cli.add:remove",
        "Take a tap or target out of bizops.yml and remove its environment.",
    ),
    "import": (
        "bizops_cli.cli.importing:import_",
        "Take over a project of another program.",
    ),
    "init": (
        "bizops_cli.cli.init:init",
        "Make a project: bizops.yml, .env.example, .gitignore, a schema for editors.",
    ),
    "config": (
        "bizops_cli.cli.config:config",
        "Look at settings and change them.",
    ),
    "completion": (
        "bizops_cli.cli.completion:completion",
        "Print the script by which a shell completes commands, options and names.",
    ),
    "add": (
        "bizops_cli.cli.add:add",
        "Put a tap or target into bizops.yml and install it.",
    ),
    "benchmark": (
        "bizops_cli.cli.benchmark:benchmark",
        "Measure how fast a tap reads, or the target writes, each by itself.",
    ),
    "check": (
        "bizops_cli.cli.check:check",
        "Check all that can be known without running.",
    ),
    "contract": (
        "bizops_cli.cli.contract:contract",
        "Hold what taps bring against what dbt is told they bring.",
    ),
    "demo": (
        "bizops_cli.cli.demo:demo",
        "Run the sample company from its API to its metrics.",
    ),
    "discover": (
        "bizops_cli.cli.discover:discover",
        "Show the streams and fields a tap has, and which of them are read.",
    ),
    "display": (
        "bizops_cli.cli.display:display",
        "Serve the dashboards (Apache Superset) over the warehouse.",
    ),
    "doctor": (
        "bizops_cli.cli.doctor:doctor",
        "Look at machine, folder, plugins and warehouse; more than `check`.",
    ),
    "elt": ("bizops_cli.cli.elt:elt", "Load sources and build the models."),
    "install": (
        "bizops_cli.cli.install:install",
        "Install taps and target, each into its own environment.",
    ),
    "invoke": (
        "bizops_cli.cli.invoke:invoke",
        "Run a tap or the target by itself, with its settings of bizops.yml.",
    ),
    "lock": ("bizops_cli.cli.lock:lock", "See who is at work on the warehouse."),
    "metrics": ("bizops_cli.cli.metric_explain:metrics", "Read the metrics."),
    "pii": (
        "bizops_cli.cli.pii:pii",
        "See what is kept about people, and erase a person.",
    ),
    "plan": (
        "bizops_cli.cli.plan:plan",
        "Show what `elt run` would do: streams, columns, tables, models; do nothing.",
    ),
    "reconcile": (
        "bizops_cli.cli.reconcile:reconcile",
        "Compare what the sources have with what the warehouse has.",
    ),
    "report": (
        "bizops_cli.cli.report:report",
        "Write what the metrics say as one page, as Markdown or as JSON.",
    ),
    "runs": ("bizops_cli.cli.runs:runs", "Look at past runs."),
    "schedule": (
        "bizops_cli.cli.schedule:schedule",
        "See when jobs run, and hand that to what runs them.",
    ),
    "select": (
        "bizops_cli.cli.select:select",
        "Show or change which streams and fields of a tap are read.",
    ),
    "state": (
        "bizops_cli.cli.state_changes:state",
        "Look at, and change, what has been loaded up to where.",
    ),
    "test": (
        "bizops_cli.cli.testing:test",
        "Try whether taps reach their sources and the warehouse answers.",
    ),
    "transform": (
        "bizops_cli.cli.transform:transform",
        "Work on the models alone.",
    ),
    "warehouse": (
        "bizops_cli.cli.warehouse_diff:warehouse",
        "Start, stop and open the warehouse; compare it with another.",
    ),
}


class SuggestingGroup(click.Group):
    """A group that names the nearest command when a word is wrong."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        word = args[0] if args else ""
        if word and not word.startswith("-") and self.get_command(ctx, word) is None:
            near = difflib.get_close_matches(word, self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"There is no command {word!r}.{hint}")
        return super().resolve_command(ctx, args)


class LazyGroup(SuggestingGroup):
    """The top group: knows names and one line of help, imports nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        del ctx
        place, _ = COMMANDS.get(cmd_name, ("", ""))
        if not place:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is not a command")
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
            )


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "bizops demo                     the sample company, no account needed",
        "bizops check                    is bizops.yml right, is all installed?",
        "bizops elt run                  load every source, build every model",
        "bizops metrics show win_rate    read a metric",
    ),
)
@click.version_option(__version__, prog_name="bizops")
@common_options
@click.pass_context
def cli(context: click.Context) -> None:
    """Load what your sales and marketing tools know, and read what it earns."""
    context.ensure_object(CommonOptions)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors are printed, never raised."""
    try:
        result = cli.main(arguments, prog_name="bizops", standalone_mode=False)
        status = result if isinstance(result, int) else 0
    except click.exceptions.Exit as ended:
        status = ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        note("Interrupted.")
        status = 128 + signal.SIGINT
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except BizopsError as error:
        print_error(error)
        status = error.status
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        status = 128 + signal.SIGPIPE
    except Exception as error:  # noqa: BLE001 (whatever it is, say it in one line)
        status = _crash(error)
    return status


def _silence(stream: TextIO) -> None:
    """Let what is still unwritten go nowhere: nobody reads it."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _crash(error: Exception) -> int:
    from bizops_cli.config.load import find_project_file
    from bizops_cli.runlog.crash import write_crash_log

    directory = None
    with contextlib.suppress(BizopsError):
        directory = find_project_file(None).parent
    where = ""
    with contextlib.suppress(BizopsError):
        file = write_crash_log(error, project_directory=directory)
        where = f"; what happened is in {file}"
    note(f"Error: this is a mistake in bizops: {type(error).__name__}{where}")
    note("Next: report it with that file.")
    return 1


def main() -> NoReturn:
    """Entry point of the console script."""
    status = run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _silence(stream)
    sys.exit(status)
