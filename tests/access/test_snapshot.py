"""What is kept of a decision's signals is all that the engine was told, in bytes that do not change."""

import msgspec
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.access.snapshot import decode_snapshot, encode_snapshot
from assay.policy import AccessRequest, AppTarget
from assay.policy.enforcement import EVERYTHING, GATEWAY
from tests.policy.build import PASSKEY, PASSWORD, WIKI, request
from tests.policy.cases import requests


@settings(max_examples=40)
@given(requests, st.booleans())
def test_everything_that_the_engine_was_told_comes_back(asked: AccessRequest, bound: bool) -> None:
    asked = replace(asked, proofs=tuple(replace(proof, device_bound=bound) for proof in asked.proofs))
    if isinstance(asked.target, AppTarget):
        groups = frozenset({"Office365", "MicrosoftAdminPortals"})
        attributes = tuple(sorted(asked.target.attributes))
        asked = replace(asked, target=replace(asked.target, groups=groups, attributes=attributes))
    asked = replace(asked, principal=replace(asked.principal, attributes=tuple(sorted(asked.principal.attributes))))
    again = decode_snapshot(encode_snapshot(asked), asked.at)
    assert again == asked
    assert encode_snapshot(again) == encode_snapshot(asked)
    # The one spelling of RFC 8785, by the library that is nothing else.
    assert encode_snapshot(asked) == rfc8785.dumps(msgspec.json.decode(encode_snapshot(asked)))
    assert asked.enforced_by in (EVERYTHING, GATEWAY)


def test_what_is_as_usual_is_left_out_so_that_old_hashes_stay() -> None:
    assert encode_snapshot(request(PASSWORD)) == (
        b'{"address":"198.51.100.7","app":"00000000-0000-4000-8000-0000000000a1","assigned":true,'
        b'"clientApp":"browser","kind":"member","platform":"linux",'
        b'"proofs":[{"at":"2026-03-02T09:00:00Z","method":"password","userVerified":true}],"risks":{},'
        b'"user":"a11ce000-0000-4000-8000-000000000001"}'
    )


def test_attributes_gathered_in_another_order_are_the_same_bytes() -> None:
    one, other = (("A_a", "x"), ("A_b", ("y", "z"))), (("A_b", ("y", "z")), ("A_a", "x"))
    asked = request(PASSKEY)
    kept = {
        encode_snapshot(
            replace(
                asked,
                target=AppTarget(app_id=WIKI, attributes=found),
                principal=replace(asked.principal, attributes=found),
            )
        )
        for found in (one, other)
    }
    assert len(kept) == 1
