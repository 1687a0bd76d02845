"""`assay up --protect`: an app is behind the gateway from the start, once, and never another one's name."""

import pytest
from click.testing import CliRunner

from assay.access.protect_app import Apps
from assay.cli import assay
from assay.cli.up_protect import protected, wanted_app
from assay.gateway.reachability import reach_of
from assay.values import ConflictError
from tests.access.house import House


async def test_it_is_protected_once_and_a_restart_says_the_same(house: House) -> None:
    apps = Apps(house.premises, look=reach_of, is_ours=lambda _: False)
    wanted = wanted_app("http://127.0.0.1:1", "Wiki")
    said = await protected(apps, wanted)
    assert said[0].startswith("Behind the gateway: https://wiki.assay.localhost")
    assert "nothing listens there now" in said[2]
    assert await protected(apps, wanted) == said
    assert len(await apps.every()) == 1


async def test_a_name_that_another_app_has_is_refused_with_the_command_that_moves_it(house: House) -> None:
    apps = Apps(house.premises, look=reach_of, is_ours=lambda _: False)
    await protected(apps, wanted_app("http://127.0.0.1:1", "wiki"))
    with pytest.raises(ConflictError) as refused:
        await protected(apps, wanted_app("http://127.0.0.1:2", "wiki"))
    assert "assay apps edit wiki --upstream http://127.0.0.1:2" in refused.value.remedy


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--protect", "http://127.0.0.1:3000"), 2, "go together"),
        (("--name", "wiki"), 2, "go together"),
        (("--protect", "127.0.0.1:3000", "--name", "wiki"), 1, "http://HOST:PORT"),
        (("--protect", "http://127.0.0.1:3000", "--name", "id"), 1, "choose another"),
        (("--demo", "--protect", "http://127.0.0.1:3000", "--name", "wiki"), 2, "to itself"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_starts(options: tuple[str, ...], code: int, said: str) -> None:
    result = CliRunner().invoke(assay, ["up", *options])
    assert (result.exit_code, said in result.output) == (code, True), result.output
