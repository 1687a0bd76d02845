"""`assay keys`: what is refused, with what to do, before any key is made."""

from assay.server.keys import complete_keys
from tests.cli.conftest import Assay

REFUSED = (
    (("assertion", "--in", "5m"), "--in 6m or longer"),
    (("assertion", "--in", "0s"), "or --now"),
    (("assertion", "--in", "99999d"), "at most 30 days"),
    (("assertion", "--in", "1h", "--now"), "exclude each other"),
    (("assertion", "--in", "-5m"), "write 45s, 30m, 24h or 7d"),
    (("master", "--in", "31d"), "at most 30 days"),
    (("master", "--in", "0s"), "or --now"),
    (("checkpoint", "--in", "1h"), "--in cannot be used with a key of kind checkpoint"),
    (("derived", "--write-to", "new.json"), "--write-to cannot be used with a key of kind derived"),
    (("assertion", "--untrusted"), "--untrusted cannot be used"),
    (("certificate", "--use"), "--use cannot be used"),
    (("ca", "--now"), "--now cannot be used"),
)


async def test_what_cannot_be_meant_is_refused_in_words_and_nothing_is_made(assay: Assay) -> None:
    before = (await assay("keys", "list", "--json")).out
    for options, words in REFUSED:
        ran = await assay("keys", "rotate", *options)
        assert ran.code == 2, ran
        assert words in ran.err, ran
    assert (await assay("keys", "list", "--json")).out == before


async def test_a_key_that_waits_is_published_and_signs_later(assay: Assay) -> None:
    house = assay.house
    await house.store.write(lambda transaction: complete_keys(transaction, house.keyring, house.clock))
    assert (await assay("keys", "rotate", "assertion", "--in", "6m")).code == 0
    shown = (await assay("keys", "show", "assertion")).out
    assert "next" in shown
    assert "in use" in shown
    ran = await assay("keys", "rotate", "assertion", "--in", "7m")
    assert (ran.code, "wait until it does" in ran.err) == (2, True)
    assert (await assay("keys", "rotate", "assertion", "--now")).code == 0, "a theft does not wait"
