"""The command line: verbs that people of this field know, one file per noun."""

import errno
import gc
import os
import sys
from contextlib import nullcontext
from importlib import import_module
from typing import Final

import click

from assay.cli.garbage import THRESHOLDS, not_looked_for

# Command: where it is, and its line in the help; nothing else is imported before it is asked for.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "up": ("assay.cli.up:up", "Run everything in the foreground."),
    "login": ("assay.cli.login:login", "Log this command line in at an installation, through a browser."),
    "logout": ("assay.cli.login:logout", "Give the token of this command line back."),
    "api": ("assay.cli.api:api", "Ask the API directly, after a login or with a token."),
    "config": ("assay.cli.config:config", "Check a configuration file, and print an example."),
    "doctor": ("assay.cli.doctor:doctor", "Say what is wrong with this installation, and the fix."),
    "apps": ("assay.cli.apps:apps", "Put apps behind the gateway, and say who may use them."),
    "proxies": ("assay.cli.proxies:proxies", "Let proxies of yours ask before each request."),
    "users": ("assay.cli.users:users", "Add, change, disable and remove people."),
    "groups": ("assay.cli.groups:groups", "Group people and groups."),
    "sessions": ("assay.cli.sessions:sessions", "See who is signed in, and end it."),
    "tokens": ("assay.cli.tokens:tokens", "Make and revoke tokens by which scripts use the API."),
    "nodes": ("assay.cli.nodes:nodes", "See the nodes that share the database."),
    "policy": ("assay.cli.policy:policy", "Import, switch and export Conditional Access policies."),
    "locations": ("assay.cli.locations:locations", "Name networks for policies."),
    "break-glass": ("assay.cli.break_glass:break_glass", "Set up, drill and review emergency access."),
    "messages": ("assay.cli.messages:messages", "See what waits to be sent, and try the way out."),
    "explain": ("assay.cli.explain:explain", "Explain a decision: every policy, every condition."),
    "events": ("assay.cli.events:events", "Follow, search, verify and export the log."),
    "damage": ("assay.cli.damage:damage", "See and take out rows that cannot be read."),
    "keys": ("assay.cli.keys:keys", "List, rotate and retire what seals and signs."),
    "backup": ("assay.cli.backup:backup", "Back up the running service; verify a backup."),
    "restore": ("assay.cli.restore:restore", "Put a backup back, into an empty place."),
    "upgrade": ("assay.cli.upgrade:upgrade_command", "Bring the database to this release's schema, or back."),
    "trust": ("assay.cli.trust:trust", "Let this machine trust the local authority, or no longer."),
    "demo": ("assay.cli.demo:demo", "Where the demo is, and how to sign in."),
    "bench": ("assay.cli.bench.commands:bench", "Measure this machine."),
}


class _Commands(click.Group):
    """Lists every command without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        # Commands are also looked up for how they are spelled, by what runs for long: that makes nothing that stays.
        with nullcontext() if module in sys.modules else not_looked_for():
            command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Whoever reads as much as they wanted, such as `head`, has refused nothing: click would end with 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is left in the buffer has nowhere to go, and Python would complain of it at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except OSError as error:
            if error.filename is not None or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            click.echo(f"assay: what is to be said cannot be written: {error.strerror}", err=True)
            ctx.exit(2)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from assay import __version__

        click.echo(f"assay {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Say which.")
def assay() -> None:
    """Assay: every request is judged, on everything known at that moment.

    Exit codes: 0 done or allowed, 1 refused or false, 2 wrong use, 3 the service cannot be reached.
    """


def main() -> None:
    """The program."""
    gc.set_threshold(*THRESHOLDS)
    try:
        assay(prog_name="assay")
    except ImportError as error:
        # Nothing stands in for a library that does not load: what hashes and signs is the real one, or nothing starts.
        click.echo(f"assay: a library that this needs cannot be loaded: {error}", err=True)
        click.echo("       nothing was started or changed; install Assay again as a whole", err=True)
        sys.exit(1)
    finally:
        # The system takes all memory back at once; nothing here waits to be found as garbage before.
        gc.freeze()
