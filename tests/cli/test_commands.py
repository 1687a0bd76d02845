"""Commands as people run them: what is printed, what is stored, which exit code."""

import asyncio
import json
import re
import socket
from pathlib import Path

import pytest

from assay.access.visitor import Destination
from assay.cli.output import plain
from tests.access.admin.graph import block, location, policy
from tests.cli.conftest import Assay, run
from tests.forked_program import ASSAY
from tests.ports import free_port

ADMINISTRATOR = "Global Administrator"
ODD_NAMES = ("iOS/Android ", "export", "rollouts", "import", "50 % a?b#c", "..")


def written(directory: Path, name: str, content: object) -> str:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return str(path)


async def test_a_person_from_a_link_to_the_end(assay: Assay) -> None:
    added = await assay.done("users", "add", "alice", "--display-name", "Alice", "--expires", "2h")
    link = re.search(r"https://id\.assay\.localhost:8443/enrol/\S+", added.out)
    assert link is not None
    await assay.house.enrolled("alice", link[0])
    shown = await assay.done("users", "show", "alice")
    assert "password, TOTP, 10 recovery codes" in shown.out
    listed = await assay.done("users", "list")
    assert listed.out.splitlines()[0].split() == ["USER", "NAME", "KIND", "ENABLED", "EMAIL", "ID"]
    assert listed.out.splitlines()[1].split()[:4] == ["alice", "Alice", "member", "yes"]
    edited = await assay.done("users", "edit", "alice", "--email", "alice@example.com", "--json")
    assert edited.json["mail"] == "alice@example.com"
    refused = await assay("users", "edit", "alice", "--email", "älice@example.com")
    assert refused.code == 2
    assert "no message can be sent to this address" in refused.err
    assert "alice@example.com" in refused.err
    left = await assay.done("users", "methods", "remove", "alice", "totp", "--json")
    assert [each["id"] for each in left.json["value"]] == ["password", "recoveryCodes"]  # type: ignore[attr-defined]
    assert "totp" not in (await assay.done("users", "methods", "list", "alice")).out
    again = await assay.done("users", "enrol", "alice", "--recover", "--json")
    assert set(again.json) == {"user", "enrolmentUrl", "expiresDateTime"}
    await assay.done("users", "disable", "alice")
    assert " no " in (await assay.done("users", "list", "ali")).out
    await assay.done("users", "enable", "alice")
    await assay.done("users", "remove", "alice")
    assert (await assay.done("users", "list")).out == "nobody\n"


async def test_roles_and_groups(assay: Assay) -> None:
    for name in ("alice", "bob"):
        await assay.done("users", "add", name)
    await assay.done("groups", "add", "Staff", "--description", "all of us")
    await assay.done("groups", "add", "Inner")
    await assay.done("groups", "members", "add", "Staff", "--user", "alice")
    await assay.done("groups", "members", "add", "Staff", "--group", "Inner")
    shown = await assay.done("groups", "show", "staff", "--json")
    assert shown.json["people"] == 1
    await assay.done("groups", "edit", "Inner", "--name", "Core")
    await assay.done("groups", "members", "remove", "Staff", "--group", "Core")
    assert "Core" in (await assay.done("groups", "list")).out
    await assay.done("groups", "remove", "Core")
    await assay.done("users", "roles", "assign", ADMINISTRATOR, "--user", "alice")
    assert (await assay.done("users", "roles", "list")).out.splitlines()[1].split()[-2:] == ["user", "alice"]
    assert ADMINISTRATOR in (await assay.done("users", "roles", "list", "--available")).out
    refused = await assay("users", "roles", "remove", ADMINISTRATOR, "--user", "alice")
    assert refused.code == 1
    assert "no enabled Global Administrator" in refused.err
    as_json = await assay("users", "roles", "remove", ADMINISTRATOR, "--user", "alice", "--json")
    assert as_json.code == 1
    assert as_json.json["error"]["code"] == "lastAdministrator"  # type: ignore[index]
    await assay.done("users", "roles", "assign", ADMINISTRATOR, "--user", "bob")
    await assay.done("users", "roles", "remove", ADMINISTRATOR, "--user", "alice")


async def test_an_app_is_protected_in_one_command_and_says_how_it_is_reachable(assay: Assay) -> None:
    await assay.done("users", "add", "alice")
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        port = listener.getsockname()[1]
        ran = await assay.done("apps", "protect", f"http://127.0.0.1:{port}", "--name", "wiki", "--owner", "alice")
        assert ran.out.splitlines()[:2] == ["https://wiki.assay.localhost:8443/", "assigned: alice"]
        assert "every user of this machine" in ran.out
    assert (await assay.done("apps", "show", "wiki", "--json")).json["reach"] == "notListening"
    assert (await assay.done("apps", "edit", "wiki", "--upstream", "http://192.0.2.1", "--json")).json[
        "reach"
    ] == "elsewhere"
    assert "wiki" in (await assay.done("apps", "list")).out
    await assay.done("groups", "add", "Staff")
    await assay.done("apps", "assign", "wiki", "--group", "Staff")
    assert "already" in (await assay.done("apps", "assign", "wiki", "--group", "Staff")).out
    await assay.done("apps", "unassign", "wiki", "--group", "Staff")
    taken = await assay("apps", "protect", "http://127.0.0.1:1", "--name", "wiki")
    assert (taken.code, "choose another name" in taken.err) == (1, True)
    await assay.done("apps", "remove", "wiki")


async def test_policies_are_imported_switched_exported_and_imported_again(assay: Assay, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    written(exports, "mfa.json", policy(state="disabled"))
    written(exports, "deeper/office.json", location())
    written(
        exports,
        "device.json",
        policy(
            "44444444-4444-4444-8444-444444444444",
            "Device",
            grant={"operator": "OR", "builtInControls": ["compliantDevice"]},
        ),
    )
    dry = await assay.done("policy", "import", str(exports), "--dry-run")
    assert "decided, and cannot be met here: grantControls.builtInControls.compliantDevice" in dry.out
    assert "nothing was stored" in dry.out
    written(
        exports, "cut-off.json", {"displayName": "Cut off", "state": "enabled", "grantControls": {"operator": "OR"}}
    )
    (exports / "torn.json").write_text('{"displayName": ')
    written(exports, "table.json", {"Objects": []})
    # An export of everything beside one file for each.
    written(exports, "whole.json", {"value": [policy(state="disabled")]})
    (exports / "gone.json").symlink_to(tmp_path / "nowhere")
    assert (
        "Require MFA: the same as in a file before it"
        in (await assay("policy", "import", str(exports), "--dry-run")).out
    )
    told = await assay("policy", "import", str(exports), "--dry-run", "--json")
    files = {Path(str(each["path"])).name: each for each in told.json["files"]}  # type: ignore[attr-defined]
    assert told.code == 1
    assert {
        name: (each["policy"], bool(each["malformed"]), len(each["unenforced"])) for name, each in files.items()
    } == {
        "mfa.json": ("Require MFA", False, 0),
        "device.json": ("Device", False, 1),
        "office.json": (None, False, 0),
        "table.json": (None, False, 0),
        "cut-off.json": (None, True, 0),
        "torn.json": (None, True, 0),
        "whole.json": ("Require MFA", False, 0),
        "gone.json": (None, True, 0),
    }
    for name in ("cut-off.json", "torn.json", "table.json", "gone.json"):
        (exports / name).unlink()
    stored = await assay.done("policy", "import", str(exports), "--json")
    assert {each["state"] for each in stored.json["policies"]} == {"disabled", "enabledForReportingButNotEnforced"}  # type: ignore[attr-defined]
    again = await assay.done("policy", "import", str(exports))
    assert "policies: 2 unchanged; 1 kept in report-only instead of on; stored" in again.out
    assert "is on" in (await assay.done("policy", "on", "Require MFA")).out
    assert "is on" in (await assay.done("policy", "on", "Device")).out
    assert '"mfa"' in (await assay.done("policy", "show", "Require MFA")).out
    assert "off" not in (await assay.done("policy", "list")).out
    loosened = await assay.done("policy", "report-only", "Require MFA")
    assert "it LOOSENS" in loosened.out
    assert "refused or asked for more before: Require MFA" in loosened.out
    await assay.done("policy", "off", "Require MFA")
    listed = await assay.done("policy", "versions", "Require MFA")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["VERSION", "4", "3", "2", "1"]
    assert [line.split()[-3] for line in listed.out.splitlines()[1:]] == ["off", "loosens", "tightens", "off"]
    told = await assay.done("policy", "diff", "Require MFA@2", str(exports / "mfa.json"))
    assert told.out == "state: on -> off\n"
    back = await assay.done("policy", "restore", "Require MFA", "4")
    assert back.out.startswith("Require MFA is as it was in version 4, and off\n")
    assert "who is let in stays as it was" in back.out
    everything = await assay.done("policy", "export")
    from_input = await assay.done("policy", "import", "-", given=everything.out.encode())
    assert "policies: 2 unchanged; stored" in from_input.out
    one = await assay.done("policy", "export", "Require MFA", "--json")
    assert one.json["state"] == "disabled"
    await assay.done("policy", "remove", "Require MFA")
    assert (await assay("policy", "show", "Require MFA")).code == 1


async def test_an_import_maps_waives_and_fails_where_a_file_is_no_policy(assay: Assay, tmp_path: Path) -> None:
    gone = "99999999-9999-4999-8999-999999999999"
    await assay.done("users", "add", "alice")
    path = written(tmp_path, "p.json", policy(users={"includeUsers": ["All"], "excludeUsers": [gone]}))
    dangling = await assay.done("policy", "import", path)
    assert f"--map {gone}=NEW or --waive {gone}" in dangling.out
    mapped = await assay.done("policy", "import", path, "--map", f"{gone}=alice", "--state", "on", "--json")
    assert mapped.json["policies"][0]["state"] == "enabled"  # type: ignore[index]
    waived = await assay.done("policy", "import", path, "--waive", gone, "--json")
    assert waived.json["policies"][0]["state"] == "enabled"  # type: ignore[index]
    assert (await assay("policy", "import", path, "--map", "nothing")).code == 2
    assert (await assay("policy", "import", path, "--map", f"{gone}=nobody")).code == 2
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    bad = await assay("policy", "import", str(broken))
    assert (bad.code, "cannot be read: this is no JSON: " in bad.out) == (1, True)


async def test_a_name_is_typed_as_it_is_whatever_is_in_it(assay: Assay, tmp_path: Path) -> None:
    """With a slash, as `iOS/Android` has it, or called as a part of the API is."""
    names = {f"44444444-4444-4444-8444-44444444444{number}": name for number, name in enumerate(ODD_NAMES)}
    (tmp_path / "odd.json").write_text(json.dumps([policy(each, name) for each, name in names.items()]))
    await assay.done("policy", "import", str(tmp_path / "odd.json"), "--state", "off")
    for each, name in names.items():
        shown = await assay.done("policy", "show", name, "--json")
        assert f'"id":"{each}"' in shown.out, name
    assert "iOS/Android" in (await assay.done("policy", "versions", "iOS/Android")).out
    assert (await assay.done("policy", "roll-out", "start", "iOS/Android", "--json")).json["stage"] == "reportOnly"
    await assay.done("policy", "roll-out", "back", "iOS/Android")
    await assay.done("groups", "add", "R/D")
    await assay.done("groups", "remove", "R/D")


async def test_what_is_proved_names_groups_and_apps(assay: Assay, tmp_path: Path) -> None:
    app = await assay.house.app("wiki")
    group = (await assay.done("groups", "add", "Temps", "--json")).json["id"]
    of_app = {"includeApplications": [app.id]}
    await assay.done("policy", "import", written(tmp_path, "p.json", policy(apps=of_app)))
    looser = policy(apps=of_app, users={"includeUsers": ["All"], "excludeGroups": [group]})
    changed = await assay.done("policy", "import", written(tmp_path, "l.json", looser))
    proved = await assay("policy", "prove", "--question", "uncovered")
    for found in (changed, proved):
        assert "in the group Temps" in found.out
        assert str(group) not in found.out
        assert app.id not in found.out
    assert f"asking for {app.display_name}" in changed.out
    # For programs, documents and conditions keep the ids, by which they can be decided.
    assert str(group) in (await assay("policy", "prove", "--question", "uncovered", "--json")).out


async def test_locations(assay: Assay) -> None:
    await assay.done("locations", "add", "Office", "--range", "192.0.2.0/24", "--range", "2001:db8::/48", "--trusted")
    assert "2001:db8::/48" in (await assay.done("locations", "list")).out
    await assay.done("locations", "edit", "Office", "--untrusted")
    assert (await assay.done("locations", "show", "office", "--json")).json["isTrusted"] is False
    assert (await assay("locations", "add", "Other", "--range", "everywhere")).code == 2
    await assay.done("locations", "remove", "Office")


async def test_sessions_are_listed_and_revoked(assay: Assay) -> None:
    for name in ("alice", "bob"):
        await (await assay.house.person(name)).sign_in()
    listed = await assay.done("sessions", "list", "--user", "alice", "--json")
    (mine,) = listed.json["value"]  # type: ignore[misc]
    assert mine["methods"] == ["password", "softwareOath"]
    assert "sessions ended: 1" in (await assay.done("sessions", "revoke", mine["id"])).out
    assert (await assay.done("sessions", "revoke", "--user", "alice", "--json")).json == {
        "sessions": 0,
        "connectionsCut": 0,
        "connectionsOpen": 0,
        "milliseconds": 0.0,
    }
    assert (await assay("sessions", "revoke")).code == 2
    assert "sessions ended: 1" in (await assay.done("sessions", "revoke", "--all")).out
    assert (await assay.done("sessions", "list")).out == "nobody is signed in\n"


async def test_a_refused_person_reads_out_a_code_and_it_is_explained(assay: Assay, tmp_path: Path) -> None:
    app = await assay.house.app("wiki")
    alice = await assay.house.person("alice")
    await assay.done("apps", "assign", "wiki", "--user", "alice")
    rule = written(tmp_path, "b.json", block(apps={"includeApplications": [app.id]}))
    nowhere = {"includeApplications": ["None"]}
    other = policy("44444444-4444-4444-8444-444444444444", "Elsewhere", apps=nowhere)
    off = policy("55555555-5555-4555-8555-555555555555", "Off", state="disabled", apps=nowhere)
    await assay.done("policy", "import", rule)
    await assay.done("policy", "import", written(tmp_path, "c.json", [other, off]))
    await alice.password()
    await alice.open(app)
    failed = await assay.done("events", "search", "--code", "sign-in.failed", "--user", "alice", "--json")
    decision = failed.json["value"][0]["event"]["unmapped"]["decision"]["uid"]  # type: ignore[index]
    told = await assay.done("explain", decision)
    assert told.out.startswith("block: alice to wiki")
    assert "it comes out the same" in told.out
    assert "failure: Block" in told.out
    assert "would let them in: nothing that they can do; it takes an administrator" in told.out
    assert "2 policies do not apply: application 1, switched off 1; --all tells of each" in told.out
    assert "Elsewhere" not in told.out
    whole = await assay.done("explain", decision, "--all")
    assert "notApplied: Elsewhere [enabled]" in whole.out
    assert "application: " in whole.out
    assert "notEnabled: Off [disabled]" in whole.out
    # A draft without the block, held against that: beside the other policies, and in place of them all.
    gentle = policy("22222222-2222-4222-8222-222222222222", "Block", apps={"includeApplications": [app.id]})
    draft = written(tmp_path, "draft/gentle.json", gentle)
    beside = await assay.done("policy", "replay", draft)
    assert "draft: Block beside the other policies" in beside.out
    told = beside.out[beside.out.index("asked for more, no longer refused: 1") :]
    for who in ("refused before by Block", "at wiki", "alice"):
        assert f"\n  {who}: 1, such as {decision}" in told
    assert "\nthe draft: off or report-only, so nothing of it counts; --state on replays it" not in beside.out
    whole = await assay.done("policy", "replay", str(tmp_path / "draft"), "--since", "7d", "--state", "off", "--json")
    assert whole.json["whole"] is True
    assert {each["change"]: each["count"] for each in whole.json["changes"]}["letIn"] == 1  # type: ignore[attr-defined,index]  # as it was printed
    assert (await assay("policy", "replay", draft, "--since", "yesterday")).code == 2
    code = (await assay.done("explain", decision, "--json")).json["code"]
    assert (await assay.done("explain", str(code).lower(), "--json")).json["id"] == decision
    assert (await assay("explain", "ZZZZZZZZ")).code == 1


async def test_the_log_is_followed_searched_exported_and_verified(assay: Assay, tmp_path: Path) -> None:
    for name in ("Staff", "Finance"):
        await assay.done("groups", "add", name)
    await assay.service.checkpointer.tick(now=True)
    key = tmp_path / "key"
    key.write_text(str(assay.service.verifier))
    points = assay.service.checkpoints
    assert len((await assay.done("events", "tail", "-n", "1")).out.splitlines()) == 1
    assert "Finance" in (await assay.done("events", "search", "finance")).out
    assert (await assay.done("events", "search", "--code", "user.")).out == "no events\n"
    good = await assay.done("events", "verify", "--checkpoint", str(points), "--key", str(key), "--json")
    assert (good.json["ok"], good.json["anchoredOutside"]) == (True, 2)
    exported = tmp_path / "log.ndjson"
    await assay.done("events", "export", "--output", str(exported))
    assert exported.stat().st_mode & 0o777 == 0o600
    assert (await assay.done("events", "export")).out == exported.read_text()
    outside = await run("events", "verify", str(exported), "--checkpoint", str(points), "--key", str(key))
    assert outside.code == 0, outside
    lines = exported.read_text().splitlines(keepends=True)
    exported.write_text("".join(lines).replace("Staff", "Stuff"))
    edited = await run("events", "verify", str(exported), "--checkpoint", str(points), "--key", str(key), "--json")
    assert (edited.code, edited.json["ok"]) == (1, False)
    exported.write_text(lines[0])
    cut_off = await run("events", "verify", str(exported), "--checkpoint", str(points), "--key", str(key))
    assert (cut_off.code, "cutOff" in cut_off.out) == (1, True)
    assert (await run("events", "verify", str(exported))).code == 2


async def test_what_strangers_typed_is_not_shown(assay: Assay) -> None:
    alice = await assay.house.person("alice")
    await assay.house.sign_in.with_password(alice.visitor, Destination(), "\x1b[31mred\rforged", "wrong")
    for command in (("events", "tail", "-n", "1"), ("events", "search", "--code", "sign-in.failed")):
        ran = await assay.done(*command)
        assert "sign-in.failed" in ran.out
        assert "forged" not in ran.out


@pytest.mark.parametrize("text", ["\x1b[31mred", "one\rtwo", "one\ntwo", "\u202eforged", "a\x00b"])
def test_text_of_others_cannot_steer_the_terminal(text: str) -> None:
    assert plain(text).isprintable()
    assert plain("Wiki größer") == "Wiki größer"


async def test_following_ends_with_its_reader(assay: Assay) -> None:
    await assay.done("groups", "add", "Staff")
    following = await asyncio.create_subprocess_exec(
        *(ASSAY, "events", "tail", "--follow", "-n", "1", "--json", "--data", str(assay.service.data)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert following.stdout is not None
    async with asyncio.timeout(60):
        assert json.loads(await following.stdout.readline())["code"] == "group.created"
        # It goes on: what happens meanwhile is told too.
        await assay.done("groups", "add", "Finance")
        assert json.loads(await following.stdout.readline())["code"] == "group.created"
        await assay.service.server.stop()
        await following.communicate()
    await assay.service.server.start()
