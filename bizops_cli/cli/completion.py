"""`bizops completion`: what shells complete."""

from __future__ import annotations

from typing import cast

import click
from click.shell_completion import get_completion_class

from bizops_cli.cli.options import CommonOptions, common_options, examples, pass_common
from bizops_cli.cli.output import say

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_BIZOPS_COMPLETE"


@click.command(
    epilog=examples(
        'eval "$(bizops completion bash)"             for this shell',
        "bizops completion bash > ~/.local/share/bash-completion/completions/bizops",
        "bizops completion fish > ~/.config/fish/completions/bizops.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@common_options
@pass_common
def completion(common: CommonOptions, *, shell: str) -> None:
    """Print the script by which a shell completes commands, options and names."""
    del common
    completer = get_completion_class(shell)
    if completer is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    root = click.get_current_context().find_root().command
    program = completer(cast("click.Group", root), {}, "bizops", VARIABLE)
    # Click asks the installed bash for its version first; the script is the same.
    say(program.source_template % program.source_vars())
