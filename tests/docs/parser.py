"""Commands held against the real parser of `assay`, and against the verbs of `./run`, without doing anything."""

import re

import click

from assay.cli import assay
from tests.docs.blocks import ROOT


def parse(arguments: tuple[str, ...]) -> str:
    """Parse a whole command as it would be run; the parser's own words where it refuses, "" where it does not.

    That a file is not here is no fault of a document.
    """
    command: click.Command = assay
    context: click.Context | None = None
    name, rest = "assay", list(arguments)
    try:
        while True:
            context = command.make_context(name, rest, parent=context)
            if not isinstance(command, click.Group):
                return ""
            found, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            assert inner is not None, found
            command, name = inner, found or ""
    except click.BadParameter as error:
        missing = error.param is not None and isinstance(error.param.type, click.Path)
        return "" if missing else error.format_message()
    except click.ClickException as error:
        return error.format_message() or type(error).__name__


def unknown(arguments: tuple[str, ...]) -> str:
    """What a sentence names and the program does not know; "" where it knows all. Arguments may be left out there."""
    command: click.Command = assay
    context = click.Context(assay)
    for word in arguments:
        if not isinstance(command, click.Group) or not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        inner = command.get_command(context, word)
        if inner is None:
            return word
        command = inner
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    given = (word.partition("=")[0].rstrip(",.)") for word in arguments if re.match(r"--?[a-z]", word))
    return " ".join(option for option in given if option not in options)


def verbs() -> frozenset[str]:
    """What `./run` knows, by its own `case`."""
    cases = re.findall(r"^    ([a-z|-]+)\)", (ROOT / "run").read_text(), re.M)
    return frozenset(verb for case in cases for verb in case.split("|"))
