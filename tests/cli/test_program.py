"""The program itself: exit codes, where it finds the service, what it costs to start."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from assay.cli import COMMANDS
from assay.simulator.demo_info import DemoApp, DemoInfo, DemoPerson, write_private
from tests.access.house import House
from tests.api.service import AdminService, short_directory
from tests.cli.conftest import Assay, run


async def test_without_a_service_every_command_ends_with_3(tmp_path: Path) -> None:
    for command in (("users", "list"), ("apps", "list"), ("doctor",), ("events", "tail"), ("events", "export")):
        ran = await run(*command, data=tmp_path)
        assert ran.code == 3, (command, ran)
    as_json = await run("users", "list", "--json", data=tmp_path)
    assert as_json.json["error"]["code"] == "unreachable"  # type: ignore[index]
    assert (await run("demo", "info", "--data", str(tmp_path))).code == 3


async def test_wrong_use_ends_with_2(assay: Assay) -> None:
    for command in (
        ("users",),
        ("users", "add"),
        ("users", "add", "a b"),
        ("nothing",),
        ("users", "list", "--limit", "0"),
    ):
        assert (await assay(*command)).code == 2, command


async def test_what_does_not_exist_ends_with_1(assay: Assay) -> None:
    ran = await assay("users", "show", "nobody")
    assert (ran.code, "assay users list" in ran.err) == (1, True)


async def test_data_is_found_by_option_environment_and_else_the_running_demo(house: House) -> None:
    with short_directory() as directory:
        home = Path(directory)
        demo = home / "assay-demo"
        demo.mkdir()
        running = AdminService(house, demo)
        await running.server.start()
        by_option = await run("users", "list", "--data", str(running.data))
        assert by_option.code == 0
        (home / "assay-demo" / "run").symlink_to(running.data / "run")
        found = await run("users", "list", HOME=str(home), XDG_DATA_HOME=str(home))
        assert (found.code, "this is the demo" in found.err) == (0, True)
        elsewhere = await run("users", "list", HOME=str(home), XDG_DATA_HOME=str(home), ASSAY_DATA=str(home / "other"))
        assert elsewhere.code == 3
        await running.server.stop()


async def test_help_lists_every_command_and_imports_none_of_them() -> None:
    ran = await run("--help", PYTHONPROFILEIMPORTTIME="1")
    assert ran.code == 0
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line[:40])}", ran.out, re.MULTILINE), name
    loaded = set(re.findall(r"\| +(\S+)$", ran.err, re.MULTILINE))
    assert not loaded & {"httpx", "litestar", "sqlalchemy", "uvicorn", "cryptography", "msgspec"}


def test_what_only_asks_the_service_does_not_wait_for_its_imports() -> None:
    """A command that asks and prints takes a tenth of a second; with the service's imports it would take one."""
    on_files = {"up", "backup", "restore", "upgrade", "doctor", "config", "trust", "bench"}
    over_https = {"login", "logout", "api"}
    asking = sorted(
        {place.partition(":")[0] for name, (place, _) in COMMANDS.items() if name not in on_files | over_https}
    )
    code = f"import sys, importlib; [importlib.import_module(name) for name in {asking}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"httpx", "sqlalchemy", "litestar", "uvicorn", "jinja2", "cryptography", "alembic", "assay.server"}
    assert heavy & set(done.stdout.split()) == set()


def test_commands_about_policies_and_doctor_load_what_only_some_of_them_need_when_they_do() -> None:
    """The engine is for files of policies, httpx for an app that doctor asks, and SQLAlchemy for the service alone."""
    for module, unneeded in (
        ("assay.cli.policy", {"assay.policy", "asyncio", "numpy"}),
        ("assay.cli.locations", {"assay.policy"}),
        ("assay.cli.doctor", {"httpx", "sqlalchemy", "litestar", "assay.server", "alembic"}),
    ):
        code = f"import sys, {module}; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert unneeded & set(done.stdout.split()) == set(), module


def test_the_service_starts_without_what_it_may_never_need() -> None:
    """Each of these was imported at every start once; who needs one of them loads it then."""
    code = "import sys, assay.cli.up, assay.server.service; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unneeded = {"httpx", "rich", "pygments", "alembic", "numpy", "z3", "webauthn", "segno", "assay.api.graph_api"}
    unneeded |= {"sqlalchemy.dialects.postgresql", "psycopg"}
    assert unneeded & set(done.stdout.split()) == set()


async def test_the_demo_is_read_from_its_file(tmp_path: Path) -> None:
    alice = DemoPerson(
        user="alice",
        password="p",
        totp_secret="JBSW",
        groups=("Staff",),
        roles=(),
        name="Alice",
        kind="member",
        enabled=True,
        recovery_codes=(),
    )
    wiki = DemoApp(name="wiki", url="https://wiki.assay.localhost:8443/")
    written = DemoInfo(
        url="https://assay.localhost:8443", address="127.0.0.1:8443", ca_file="/ca.pem", people=(alice,), apps=(wiki,)
    )
    write_private(tmp_path / "demo.json", written)
    as_json = await run("demo", "info", "--json", "--data", str(tmp_path))
    assert as_json.code == 0
    assert {"url", "address", "ca_file", "people", "apps", "attacks"} == set(as_json.json)
    people = as_json.json["people"]
    assert isinstance(people, list)
    assert people[0].items() >= {"user": "alice", "password": "p", "totp_secret": "JBSW", "groups": ["Staff"]}.items()
    told = await run("demo", "info", "--data", str(tmp_path))
    assert "alice" in told.out
    assert wiki.url in told.out


def test_a_command_spends_little_on_looking_for_garbage_and_none_at_its_end() -> None:
    """Measured with Python's own thresholds, a start of the service cost a quarter more, and its end two seconds."""
    program = """
import atexit, gc, sys
sys.argv = ["assay", "users", "--help"]
def looked():
    return sum(each["collections"] for each in gc.get_stats())
atexit.register(lambda: print(looked() - before, gc.get_freeze_count(), len(gc.get_objects())))
from assay.cli import main
before = looked()
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    times, frozen, left = map(int, done.stdout.splitlines()[-1].split())
    assert times == 0, "it was looked for, to find nothing"
    assert frozen > 100 * left, "what is thrown away as a whole is not looked through before"


def test_what_is_thrown_away_while_a_service_runs_is_found_whatever_commands_it_spells() -> None:
    program = """
import gc, click
from assay.cli import assay
from assay.cli.garbage import not_looked_for
with not_looked_for():
    assay.get_command(click.Context(assay), "users")
    within = gc.isenabled()
made = gc.get_freeze_count()
assay.get_command(click.Context(assay), "users")
print(within, gc.isenabled(), gc.get_freeze_count() <= made)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True", "True"]


async def test_the_shell_completes_commands_and_options() -> None:
    ran = await run(_ASSAY_COMPLETE="bash_complete", COMP_WORDS="assay us", COMP_CWORD="1")
    assert "plain,users" in ran.out
    deeper = await run(_ASSAY_COMPLETE="bash_complete", COMP_WORDS="assay users add --dis", COMP_CWORD="3")
    assert "plain,--display-name" in deeper.out


def leaves(command: click.Command, name: str, context: click.Context) -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(name, command)]
    inner = ((each, command.get_command(context, each)) for each in command.list_commands(context))
    return [leaf for each, found in inner if found is not None for leaf in leaves(found, f"{name} {each}", context)]


# What needs no service and no data: a backup and its identity, a past lived for the next demo, policies in files.
ALONE = ("assay policy decide", "assay backup keygen", "assay backup verify", "assay demo prepare")
OURS = [name for name in COMMANDS if name not in ("up", "bench")]


@pytest.mark.parametrize("name", OURS)
def test_every_command_and_option_is_documented_and_speaks_json(name: str) -> None:
    from assay.cli import assay

    document = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    context = click.Context(assay)
    command = assay.get_command(context, name)
    assert command is not None
    for path, leaf in leaves(command, f"assay {name}", context):
        assert f"### `{path}" in document, path
        section = document.split(f"### `{path}", 1)[1].split("\n### ", 1)[0]
        assert f"    {path}" in section, f"{path} has no example"
        options = {option for each in leaf.params if isinstance(each, click.Option) for option in each.opts}
        # A configuration file is looked at without any service; some ask over HTTPS.
        alone = name in ("config", "api", "logout") or path in ALONE
        assert ({"--json"} if alone else {"--json", "--data"}) <= options, path
        for option in options - {"--json", "--data"}:
            assert f"`{option}" in section or f" {option} " in section, f"{path} {option}"
