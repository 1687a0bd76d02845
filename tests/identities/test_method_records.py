"""Records of methods on both databases: what is of single use is used once, whoever else is at it."""

import asyncio
import os
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from assay.identities import proving
from assay.identities.methods.challenge import LIFETIME, Purpose, new_challenge
from assay.identities.methods.enrolment import EnrolmentPass, EnrolmentPurpose, new_pass_code, pass_digest
from assay.identities.methods.outcome import Outcome, Proved, Refusal
from assay.identities.methods.passkey import MAX_PASSKEYS, Passkey, VerifiedAssertion
from assay.identities.methods.password import PasswordCheck
from assay.identities.methods.recovery_code import code_digest, new_codes
from assay.identities.methods.summary import MethodSummary
from assay.identities.methods.totp import PENDING_LIFETIME, code_at, counter_at
from assay.identities.records import challenges, enrolments, methods, passkeys, passwords, recovery_codes, totp, users
from assay.policy import Method
from assay.sealing import Keyring, SealBrokenError
from assay.sealing.seal import new_master_key
from assay.sealing.sealed_column import reseal_some
from assay.store import Change, Store, Topic, Transaction
from assay.values import SessionId, UserId
from tests.identities.people import NOW, keyring, stored_person

SECRET = b"12345678901234567890"
HERE = SessionId("here")


def pass_for(user_id: UserId) -> EnrolmentPass:
    digest = pass_digest(new_pass_code(os.urandom(20)))
    assert digest is not None
    return EnrolmentPass(
        id=str(uuid4()),
        user_id=user_id,
        purpose=EnrolmentPurpose.ENROL,
        digest=digest,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=24),
    )


def passkey_of(user_id: UserId) -> Passkey:
    return Passkey(
        id=str(uuid4()),
        user_id=user_id,
        credential_id=os.urandom(32),
        public_key=b"public",
        sign_count=0,
        name="laptop",
        aaguid=str(uuid4()),
        backup_eligible=True,
        backed_up=False,
        transports=("internal", "hybrid"),
        created_at=NOW,
    )


def assertion(passkey: Passkey, sign_count: int) -> VerifiedAssertion:
    return VerifiedAssertion(
        user_id=passkey.user_id, credential_id=passkey.credential_id, sign_count=sign_count, backed_up=True
    )


def refused(outcome: Outcome) -> str:
    return outcome.reason.code if isinstance(outcome, Refusal) else ""


async def with_totp(store: Store, keys: Keyring, user_id: UserId) -> int:
    """An authenticator app that counts; the counter that its confirmation spent."""
    await store.write(lambda t: proving.begin_totp(t, keys, user_id, HERE, SECRET, NOW))
    code = code_at(SECRET, counter_at(NOW))
    assert isinstance(await store.write(lambda t: proving.confirm_totp(t, keys, user_id, HERE, code, NOW)), Proved)
    return counter_at(NOW)


async def test_a_password_is_kept_replaced_and_removed(store: Store) -> None:
    ada = await stored_person(store)
    heard: list[Change] = []
    store.feed.follow(lambda _reader, changes: changes, heard.extend)
    assert await store.read(lambda r: passwords.stored_hash(r, ada.id)) is None
    for hashed in ("one", "two"):
        await store.write(lambda t, hashed=hashed: passwords.put(t, ada.id, hashed, NOW))
        assert await store.read(lambda r: passwords.stored_hash(r, ada.id)) == hashed
    assert await store.read(lambda r: passwords.changed_at(r, ada.id)) == NOW
    assert heard == [Change(topic=Topic.METHOD, key=ada.id)] * 2
    assert await store.write(lambda t: passwords.rehash(t, ada.id, old="two", new="three"))
    assert not await store.write(lambda t: passwords.rehash(t, ada.id, old="two", new="four"))
    assert await store.read(lambda r: passwords.stored_hash(r, ada.id)) == "three"
    assert await store.write(lambda t: passwords.remove(t, ada.id))
    assert not await store.write(lambda t: passwords.remove(t, ada.id))


def test_a_wrong_password_and_nobody_are_refused_alike() -> None:
    wrong = proving.with_password(PasswordCheck(matches=False), UserId("ada"), NOW)
    assert wrong == proving.with_password(PasswordCheck(matches=True), None, NOW) == Refusal.of("passwordWrong")
    proved = proving.with_password(PasswordCheck(matches=True), UserId("ada"), NOW)
    assert proved == Proved(user_id=UserId("ada"), method=Method.PASSWORD, at=NOW)


async def test_an_authenticator_app_counts_once_a_code_confirmed_it(store: Store) -> None:
    ada, keys = await stored_person(store), keyring()
    await store.write(lambda t: proving.begin_totp(t, keys, ada.id, HERE, SECRET, NOW))
    assert await store.read(lambda r: methods.summary(r, ada.id)) == MethodSummary()
    assert await store.read(lambda r: proving.pending_totp_secret(r, keys, ada.id, HERE, NOW)) == SECRET
    code = code_at(SECRET, counter_at(NOW))
    assert refused(await store.write(lambda t: proving.with_totp(t, keys, ada.id, code, NOW))) == "totpWrong"
    assert (
        refused(await store.write(lambda t: proving.confirm_totp(t, keys, ada.id, HERE, "000000", NOW))) == "totpWrong"
    )
    assert isinstance(await store.write(lambda t: proving.confirm_totp(t, keys, ada.id, HERE, code, NOW)), Proved)
    assert (await store.read(lambda r: methods.summary(r, ada.id))).totp
    assert await store.read(lambda r: proving.pending_totp_secret(r, keys, ada.id, HERE, NOW)) is None
    assert (
        refused(await store.write(lambda t: proving.confirm_totp(t, keys, ada.id, HERE, code, NOW))) == "totpNotPending"
    )
    # The code that confirmed it is spent.
    assert refused(await store.write(lambda t: proving.with_totp(t, keys, ada.id, code, NOW))) == "totpReused"
    following = code_at(SECRET, counter_at(NOW) + 1)
    proved = await store.write(lambda t: proving.with_totp(t, keys, ada.id, following, NOW))
    assert proved == Proved(user_id=ada.id, method=Method.SOFTWARE_OATH, at=NOW)
    assert await store.write(lambda t: totp.remove(t, ada.id))
    assert not await store.write(lambda t: totp.remove(t, ada.id))


async def test_what_another_session_began_is_neither_seen_nor_confirmed_here(store: Store) -> None:
    ada, keys, theirs = await stored_person(store), keyring(), b"09876543210987654321"
    await store.write(lambda t: proving.begin_totp(t, keys, ada.id, HERE, SECRET, NOW))
    await store.write(lambda t: proving.begin_totp(t, keys, ada.id, SessionId("elsewhere"), theirs, NOW))
    assert await store.read(lambda r: proving.pending_totp_secret(r, keys, ada.id, HERE, NOW)) is None
    for secret in (SECRET, theirs):
        code = code_at(secret, counter_at(NOW))
        outcome = await store.write(lambda t, code=code: proving.confirm_totp(t, keys, ada.id, HERE, code, NOW))
        assert refused(outcome) == "totpNotPending"


async def test_a_new_authenticator_app_replaces_the_old_only_when_confirmed_in_time(store: Store) -> None:
    ada, keys, other = await stored_person(store), keyring(), b"09876543210987654321"
    spent = await with_totp(store, keys, ada.id)
    late = NOW + PENDING_LIFETIME
    await store.write(lambda t: proving.begin_totp(t, keys, ada.id, HERE, other, NOW))
    old = code_at(SECRET, spent + 1)
    assert isinstance(await store.write(lambda t: proving.with_totp(t, keys, ada.id, old, NOW)), Proved)
    new = code_at(other, counter_at(late))
    assert (
        refused(await store.write(lambda t: proving.confirm_totp(t, keys, ada.id, HERE, new, late))) == "totpNotPending"
    )
    soon = NOW + timedelta(minutes=5)
    confirming, next_old = code_at(other, counter_at(soon)), code_at(SECRET, counter_at(soon))
    assert isinstance(
        await store.write(lambda t: proving.confirm_totp(t, keys, ada.id, HERE, confirming, soon)), Proved
    )
    assert refused(await store.write(lambda t: proving.with_totp(t, keys, ada.id, next_old, soon))) == "totpWrong"


async def test_a_sealed_secret_opens_for_its_person_alone_and_survives_rotation(store: Store) -> None:
    ada, eve, keys = await stored_person(store), await stored_person(store, "eve"), keyring()
    spent = await with_totp(store, keys, ada.id)
    registered = await store.read(lambda r: totp.get(r, ada.id))
    assert registered is not None
    assert SECRET not in registered.sealed_secret
    await store.write(lambda t: totp.insert_pending(t, eve.id, registered.sealed_secret, NOW))
    with pytest.raises(SealBrokenError):
        await store.write(lambda t: proving.confirm_totp(t, keys, eve.id, HERE, "000000", NOW))
    await store.write(lambda t: totp.remove(t, eve.id))
    both = Keyring(keys=(*keys.keys, new_master_key(os.urandom(40), at=NOW)), random=os.urandom)
    assert await store.write(lambda t: reseal_some(t, totp.SEALED_SECRETS, both, limit=10)) == 1
    newest = Keyring(keys=both.keys[1:], random=os.urandom)
    code = code_at(SECRET, spent + 1)
    assert isinstance(await store.write(lambda t: proving.with_totp(t, newest, ada.id, code, NOW)), Proved)


async def test_recovery_codes_are_used_once_and_new_ones_void_the_old(store: Store) -> None:
    ada, eve = await stored_person(store), await stored_person(store, "eve")
    codes = new_codes(os.urandom(100))
    digests = [digest for digest in map(code_digest, codes) if digest is not None]
    await store.write(lambda t: recovery_codes.replace(t, ada.id, digests, NOW))
    assert await store.read(lambda r: recovery_codes.remaining(r, ada.id)) == 10
    stolen = await store.write(lambda t: proving.with_recovery_code(t, eve.id, codes[0], NOW))
    assert refused(stolen) == "recoveryCodeWrong"
    proved = await store.write(lambda t: proving.with_recovery_code(t, ada.id, codes[0].lower(), NOW))
    assert proved == Proved(user_id=ada.id, method=Method.RECOVERY_CODE, at=NOW)
    for code in (codes[0], "nonsense"):
        again = await store.write(lambda t, code=code: proving.with_recovery_code(t, ada.id, code, NOW))
        assert refused(again) == "recoveryCodeWrong"
    assert await store.read(lambda r: recovery_codes.remaining(r, ada.id)) == 9
    fresh = code_digest(new_codes(os.urandom(100))[0])
    assert fresh is not None
    await store.write(lambda t: recovery_codes.replace(t, ada.id, [fresh], NOW))
    assert refused(await store.write(lambda t: proving.with_recovery_code(t, ada.id, codes[1], NOW)))
    assert await store.write(lambda t: recovery_codes.remove(t, ada.id))
    assert not await store.write(lambda t: recovery_codes.remove(t, ada.id))


async def test_passkeys_are_several_per_person_and_each_is_known_once(store: Store) -> None:
    ada, eve = await stored_person(store), await stored_person(store, "eve")
    one, two = passkey_of(ada.id), passkey_of(ada.id)
    for passkey in (one, two):
        assert await store.write(lambda t, passkey=passkey: passkeys.insert(t, passkey)) is None
    assert set(await store.read(lambda r: passkeys.of_user(r, ada.id))) == {one, two}
    assert await store.read(lambda r: passkeys.by_credential(r, two.credential_id)) == two
    copied = msgspec.structs.replace(passkey_of(eve.id), credential_id=one.credential_id)
    known = await store.write(lambda t: passkeys.insert(t, copied))
    assert known is not None
    assert known.code == "passkeyKnown"
    assert not await store.write(lambda t: passkeys.rename(t, eve.id, one.id, "mine"))
    assert await store.write(lambda t: passkeys.rename(t, ada.id, one.id, "phone"))
    assert not await store.write(lambda t: passkeys.remove(t, eve.id, one.id))
    assert await store.write(lambda t: passkeys.remove(t, ada.id, one.id))
    assert await store.read(lambda r: passkeys.of_user(r, ada.id)) == (two,)
    for _ in range(MAX_PASSKEYS - 1):
        assert await store.write(lambda t: passkeys.insert(t, passkey_of(ada.id))) is None
    too_many = await store.write(lambda t: passkeys.insert(t, passkey_of(ada.id)))
    assert too_many is not None
    assert too_many.code == "passkeyTooMany"


async def test_a_counter_only_moves_on(store: Store) -> None:
    ada = await stored_person(store)
    passkey = passkey_of(ada.id)
    await store.write(lambda t: passkeys.insert(t, passkey))
    for count, reason in ((0, ""), (0, ""), (5, ""), (5, "clonedAuthenticator"), (4, "clonedAuthenticator"), (6, "")):
        used = assertion(passkey, count)
        assert refused(await store.write(lambda t, used=used: proving.with_passkey(t, used, NOW))) == reason
    stored = await store.read(lambda r: passkeys.by_credential(r, passkey.credential_id))
    assert stored == msgspec.structs.replace(passkey, sign_count=6, backed_up=True, last_used_at=NOW)
    await store.write(lambda t: passkeys.remove(t, ada.id, passkey.id))
    gone = await store.write(lambda t: proving.with_passkey(t, assertion(passkey, 7), NOW))
    assert refused(gone) == "passkeyUnknown"


async def test_a_challenge_is_taken_once_for_its_purpose_and_person(store: Store) -> None:
    ada = await stored_person(store)
    bound = new_challenge(os.urandom(32), purpose=Purpose.STEP_UP, user_id=ada.id, at=NOW)
    free = new_challenge(os.urandom(32), purpose=Purpose.SIGN_IN, user_id=None, at=NOW)
    for opened in (bound, free):
        await store.write(lambda t, opened=opened: challenges.insert(t, opened))

    async def take(value: bytes, purpose: Purpose, user_id: UserId | None, late: timedelta = timedelta(0)) -> object:
        return await store.write(lambda t: challenges.take(t, value, purpose=purpose, user_id=user_id, at=NOW + late))

    assert await take(bound.value, Purpose.SIGN_IN, ada.id) is None
    assert await take(bound.value, Purpose.STEP_UP, None) is None
    assert await take(bound.value, Purpose.STEP_UP, UserId("eve")) is None
    assert await take(os.urandom(32), Purpose.STEP_UP, ada.id) is None
    assert await take(bound.value, Purpose.STEP_UP, ada.id, LIFETIME) is None
    assert await take(free.value, Purpose.SIGN_IN, ada.id) is None
    assert await take(bound.value, Purpose.STEP_UP, ada.id) == bound
    assert await take(bound.value, Purpose.STEP_UP, ada.id) is None
    assert await take(free.value, Purpose.SIGN_IN, None) == free
    await store.write(lambda t: challenges.insert(t, free))
    assert await store.write(lambda t: challenges.remove_expired(t, NOW)) == 0
    assert await store.write(lambda t: challenges.remove_expired(t, NOW + LIFETIME)) == 1


async def test_one_open_pass_per_person_used_once(store: Store) -> None:
    ada = await stored_person(store)
    earlier, later = pass_for(ada.id), pass_for(ada.id)
    await store.write(lambda t: enrolments.insert(t, earlier))
    await store.write(lambda t: enrolments.insert(t, later))
    assert await store.write(lambda t: enrolments.use(t, earlier.digest, NOW)) is None
    assert await store.read(lambda r: enrolments.open_pass(r, ada.id, NOW)) == later
    assert await store.read(lambda r: enrolments.open_pass(r, ada.id, later.expires_at)) is None
    assert await store.write(lambda t: enrolments.use(t, later.digest, later.expires_at)) is None
    used = msgspec.structs.replace(later, used_at=NOW)
    assert await store.write(lambda t: enrolments.use(t, later.digest, NOW)) == used
    assert await store.write(lambda t: enrolments.use(t, later.digest, NOW)) is None
    assert await store.read(lambda r: enrolments.by_digest(r, later.digest)) == used
    assert not await store.write(lambda t: enrolments.revoke(t, ada.id))
    await store.write(lambda t: enrolments.insert(t, pass_for(ada.id)))
    assert await store.write(lambda t: enrolments.revoke(t, ada.id))


async def test_the_summary_says_what_counts_and_deletion_forgets_it_all(store: Store) -> None:
    ada, keys = await stored_person(store), keyring()
    assert await store.read(lambda r: methods.summary(r, UserId("nobody"))) == MethodSummary()

    def register(transaction: Transaction) -> None:
        passwords.put(transaction, ada.id, "hash", NOW)
        passkeys.insert(transaction, passkey_of(ada.id))
        passkeys.insert(transaction, passkey_of(ada.id))
        recovery_codes.replace(transaction, ada.id, [b"1", b"2"], NOW)
        recovery_codes.use(transaction, ada.id, b"1", NOW)
        challenge = new_challenge(os.urandom(32), purpose=Purpose.REGISTER, user_id=ada.id, at=NOW)
        challenges.insert(transaction, challenge)
        enrolments.insert(transaction, pass_for(ada.id))

    await store.write(register)
    await with_totp(store, keys, ada.id)
    summary = await store.read(lambda r: methods.summary(r, ada.id))
    assert summary == MethodSummary(password=True, totp=True, passkeys=2, recovery_codes=1)
    assert summary.complete
    assert summary.methods == {Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2, Method.RECOVERY_CODE}
    await store.write(lambda t: users.delete(t, ada.id, NOW))
    assert await store.read(lambda r: methods.summary(r, ada.id)) == MethodSummary()
    assert await store.write(lambda t: challenges.remove_expired(t, NOW + LIFETIME)) == 0


@pytest.mark.parametrize(
    ("summary", "complete"),
    [
        (MethodSummary(passkeys=1, recovery_codes=1), True),
        (MethodSummary(password=True, totp=True, recovery_codes=1), True),
        (MethodSummary(passkeys=1), False),
        (MethodSummary(password=True, recovery_codes=1), False),
        (MethodSummary(totp=True, recovery_codes=1), False),
        (MethodSummary(password=True, totp=True), False),
    ],
)
def test_enrolment_is_complete_with_two_factors_and_a_way_back(summary: MethodSummary, complete: bool) -> None:
    assert summary.complete is complete


async def test_of_many_at_once_on_two_nodes_exactly_one_uses_each_thing_of_single_use(
    store: Store, other_node: Store
) -> None:
    ada, keys = await stored_person(store), keyring()
    spent = await with_totp(store, keys, ada.id)
    made, passkey, codes = pass_for(ada.id), passkey_of(ada.id), new_codes(os.urandom(100))
    digest, code = code_digest(codes[0]), code_at(SECRET, spent + 1)
    assert digest is not None
    challenge = new_challenge(os.urandom(32), purpose=Purpose.SIGN_IN, user_id=None, at=NOW)

    def prepare(transaction: Transaction) -> None:
        enrolments.insert(transaction, made)
        passkeys.insert(transaction, passkey)
        recovery_codes.replace(transaction, ada.id, [digest], NOW)
        challenges.insert(transaction, challenge)

    await store.write(prepare)
    uses = (
        lambda t: enrolments.use(t, made.digest, NOW) is not None,
        lambda t: isinstance(proving.with_totp(t, keys, ada.id, code, NOW), Proved),
        lambda t: isinstance(proving.with_recovery_code(t, ada.id, codes[0], NOW), Proved),
        lambda t: isinstance(proving.with_passkey(t, assertion(passkey, 1), NOW), Proved),
        lambda t: challenges.take(t, challenge.value, purpose=Purpose.SIGN_IN, user_id=None, at=NOW) is not None,
    )
    for use in uses:
        nodes = [store, other_node] * 10
        results = await asyncio.gather(*(node.write(use) for node in nodes))
        assert results.count(True) == 1
