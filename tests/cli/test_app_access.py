"""`assay apps origins`, `public-paths` and `credentials` as people run them."""

import re

from tests.cli.conftest import Assay


async def test_origins(assay: Assay) -> None:
    await assay.house.app("wiki")
    assert (await assay.done("apps", "origins", "wiki")).out == "no origin but wiki's own\n"
    added = await assay.done("apps", "origins", "wiki", "--allow", "https://b.example", "--allow", "https://a.example")
    assert added.out.splitlines() == ["https://b.example", "https://a.example"]
    removed = await assay.done("apps", "origins", "wiki", "--remove", "https://b.example", "--json")
    assert removed.json["allowedOrigins"] == ["https://a.example"]
    refused = await assay("apps", "origins", "wiki", "--allow", "*")
    assert refused.code == 2
    assert "https://HOST" in refused.err


async def test_public_paths(assay: Assay) -> None:
    await assay.house.app("wiki")
    paths = ("apps", "public-paths")
    assert "everybody signs in" in (await assay.done(*paths, "list", "wiki")).out
    added = await assay.done(*paths, "add", "wiki", "/assets/", "--name", "assets", "--reason", "a logo")
    assert added.out.startswith("/assets/ is public for GET, HEAD, version 1, until it is removed")
    everything = await assay.done(*paths, "add", "wiki", "/", "--name", "all", "--reason", "x", "--expires", "1h")
    assert "WARNING: / is the whole app" in everything.out
    edited = await assay.done(*paths, "edit", "wiki", "all", "--path", "/hook", "--method", "POST", "--reason", "less")
    assert edited.out.startswith("/hook is public for POST, version 2, until ")
    assert "WARNING" not in edited.out
    listed = (await assay.done(*paths, "list", "wiki")).out
    assert re.search(r"^all +/hook +POST +2 +until .* less ", listed, re.M)
    assert "/assets/ is public no more" in (await assay.done(*paths, "remove", "wiki", "assets")).out
    assert (await assay(*paths, "remove", "wiki", "assets")).code == 1
    assert (await assay(*paths, "add", "wiki", "/a/*", "--name", "x", "--reason", "y")).code == 2
    assert (await assay(*paths, "add", "wiki", "/a/", "--name", "x")).code == 2, "a reason is needed"


async def test_credentials(assay: Assay) -> None:
    await assay.house.app("wiki")
    await assay.done("locations", "add", "Office", "--range", "192.0.2.0/24")
    of_app = ("apps", "credentials")
    assert "no credentials" in (await assay.done(*of_app, "list", "wiki")).out
    options = ("--methods", "GET,HEAD", "--paths", "/api/", "--location", "Office", "--expires", "30d")
    added = await assay.done(*of_app, "add", "wiki", "--name", "ci", *options)
    secret = added.out.splitlines()[0]
    assert re.fullmatch(r"assay_[0-9a-f]{64}", secret)
    listed = (await assay.done(*of_app, "list", "wiki")).out
    assert re.search(r"^ci +works +.* never +GET,HEAD /api/ from Office ", listed, re.M)
    assert secret not in listed
    rotated = await assay.done(*of_app, "rotate", "wiki", "ci", "--json")
    assert rotated.json["secret"] != secret
    assert "opens wiki no more" in (await assay.done(*of_app, "revoke", "wiki", "ci")).out
    assert (await assay(*of_app, "revoke", "wiki", "ci")).code == 1
    states = [each["state"] for each in (await assay.done(*of_app, "list", "wiki", "--json")).json["value"]]  # type: ignore[attr-defined]
    assert states == ["revoked", "revoked"]
    assert (await assay(*of_app, "add", "wiki", "--name", "x", "--expires", "400d")).code == 2


async def test_doctor_lists_what_is_public_and_what_ends_soon(assay: Assay) -> None:
    await assay.house.app("wiki")
    paths, of_app = ("apps", "public-paths", "add", "wiki"), ("apps", "credentials", "add", "wiki")
    await assay.done(*paths, "/", "--name", "all", "--reason", "a test")
    await assay.done(*paths, "/assets/", "--name", "assets", "--reason", "a logo")
    await assay.done(*paths, "/hooks/", "--name", "hooks", "--reason", "calls", "--method", "POST")
    await assay.done(*of_app, "--name", "soon", "--methods", "GET", "--expires", "10d")
    await assay.done(*of_app, "--name", "everything")
    found = (await assay("doctor", "--json")).json["findings"]
    said = [(each["severity"], each["message"]) for each in found if each["check"] == "app wiki"]  # type: ignore[attr-defined]
    assert ("warning", "the whole app is public for GET, HEAD, because: a test") in said
    assert ("note", "/assets/ is public for GET, HEAD, because: a logo") in said
    assert ("warning", "/hooks/ is public for POST, because: calls") in said
    assert any(message.startswith("the credential soon ends on ") for _, message in said)
    assert ("note", "the credential everything may do everything, from everywhere") in said
