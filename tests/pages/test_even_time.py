"""A sign-in that failed is answered at a beat, whatever took how long; a successful one at once."""

import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.pages.even_time import BEAT, until_beat
from tests.pages.company import PASSWORD


@given(st.floats(min_value=0, max_value=1_000))
def test_every_answer_leaves_at_a_whole_number_of_beats(elapsed: float) -> None:
    waits = until_beat(elapsed)
    assert 0 < waits <= BEAT
    beats = (elapsed + waits) / BEAT
    assert beats == pytest.approx(round(beats), abs=1e-6)


@pytest.mark.parametrize("name", ["ada", "nobody-has-this-name"])
async def test_a_failed_sign_in_is_never_answered_before_the_beat(client: httpx.AsyncClient, name: str) -> None:
    began = time.monotonic()
    answer = await client.post("/sign-in/password", data={"user_name": name, "password": "not this one"})
    assert answer.status_code == 200
    assert time.monotonic() - began >= BEAT


async def test_a_successful_one_waits_for_nothing(client: httpx.AsyncClient) -> None:
    for _ in range(50):
        began = time.monotonic()
        answer = await client.post("/sign-in/password", data={"user_name": "ada", "password": PASSWORD})
        assert answer.status_code == 303
        if time.monotonic() - began < BEAT:
            return
    raise AssertionError("each waited for a beat")
