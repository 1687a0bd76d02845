"""Commands in messages, spelled as they are to be typed here: by this program's name, for this installation."""

import os
import re
import shlex
from pathlib import Path
from typing import Final

import click

# Set by whatever starts us under another name, such as `./run assay`.
PROGRAM_VARIABLE: Final = "ASSAY_COMMAND"
_NAMED: Final = re.compile(r"(?<![\w./-])assay((?: [a-z][a-z-]*)+)")


def typed(text: str, *, data: Path | None = None) -> str:
    """The text with every command in it as this person types it; what is no command of ours stays as it is.

    `data`: the data directory to be named; without it the one that the running command was given by `--data`.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return text
    named = data if data is not None else _given(context)
    root = context.find_root().command
    return _NAMED.sub(lambda found: _spelled(root, found[1].split(), named), text)


def _given(context: click.Context) -> Path | None:
    """What `--data` was given; a variable of the environment reaches the next command by itself."""
    if context.get_parameter_source("data") is not click.core.ParameterSource.COMMANDLINE:
        return None
    given = context.params.get("data")
    return given if isinstance(given, Path) else None


def _spelled(root: click.Command, words: list[str], data: Path | None) -> str:
    command, path = _followed(root, words)
    if not path:
        return " ".join(("assay", *words))
    takes_data = any(parameter.name == "data" for parameter in command.params)
    option = ("--data", shlex.quote(str(data))) if data is not None and takes_data else ()
    return " ".join((os.environ.get(PROGRAM_VARIABLE, "assay"), *path, *option, *words[len(path) :]))


def _followed(root: click.Command, words: list[str]) -> tuple[click.Command, list[str]]:
    """The command to which the first words lead, and these words."""
    command, path = root, list[str]()
    for word in words:
        if not isinstance(command, click.Group):
            break
        inner = command.get_command(click.Context(command), word)
        if inner is None:
            break
        command = inner
        path.append(word)
    return command, path
