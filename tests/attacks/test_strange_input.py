"""What nobody sends by accident is refused with a 4xx, and leaves no error in the service's log."""

from urllib.parse import urlencode

import pytest

from tests.attacks.outsider import ID, JSON, STATE_COOKIE, WIKI, People


async def test_json_nested_too_deep_is_a_bad_request(people: People) -> None:
    body = b'{"handle":"a","credential":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    assert (await people.post("/sign-in/passkey", body, kind=JSON)).status == 400


@pytest.mark.parametrize("path", ["/\u6f22", "/a b"])
async def test_a_path_that_no_browser_asked_for_leads_to_no_error(people: People, path: str) -> None:
    session = await people.with_password("alice")
    listed = people.installed.json("apps", "show", "wiki")
    assert isinstance(listed, dict)
    state = "B" * 43
    query = urlencode({"app": listed["id"], "path": path, "state": state})
    answer = await people.send(ID, "GET", f"/continue?{query}", cookies=session)
    location = answer.header("location")
    if "/.assay/ticket" in location:
        ticket = location.partition("ticket=")[2]
        answer = await people.send(WIKI, "GET", f"/.assay/ticket?ticket={ticket}", cookies={STATE_COOKIE: state})
    assert answer.status < 500


async def test_a_path_that_is_too_long_to_return_to_leads_to_the_apps_first_page(people: People) -> None:
    sent_away = await people.send(WIKI, "GET", f"/{'a' * 5_000}")
    assert "&path=%2F&" in sent_away.header("location")
