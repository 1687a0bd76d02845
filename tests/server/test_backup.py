"""The file of a backup: one snapshot of a service that goes on, opened by its secret alone, whole or not at all."""

import os
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.events.note import Verifier
from assay.sealing import SealBrokenError
from assay.sealing.backup_header import BackupError, generate, seal_key
from assay.sealing.segments import SEGMENT, TAG
from assay.server.backup import Backups
from assay.server.read_backup import verify_backup
from assay.values import AssayError
from tests.access.house import BY, NOW
from tests.server.original import IDENTITY, RECIPIENT, Original, new_places, tables


async def test_every_kind_of_damage_is_found_and_leaves_nothing(on_sqlite: Original) -> None:
    for number in range(120):
        await on_sqlite.house.people.add(BY, user_name=f"person{number}")
    header = await on_sqlite.back_up()
    good = on_sqlite.file.read_bytes()
    assert len(good) > len(header) + 2 * (SEGMENT + TAG), "more than one segment"
    body, step = good[len(header) :], SEGMENT + TAG
    segments = [body[start : start + step] for start in range(0, len(body), step)]
    damaged: dict[str, bytes] = {
        "swapped": header + b"".join([segments[1], segments[0], *segments[2:]]),
        "repeated": header + b"".join([segments[0], *segments]),
        "dropped": header + b"".join(segments[1:]),
        "end dropped": header + b"".join(segments[:-1]),
        "cut in the middle": good[:-7],
        "cut to the header": header,
        "longer": good + b"x",
        "of another backup's header": header.replace(b'"takenAt":"2', b'"takenAt":"3') + body,
    }
    for position in range(0, len(body), max(1, len(body) // 25)):
        flipped = bytearray(body)
        flipped[position] ^= 1
        damaged[f"bit at {position}"] = header + bytes(flipped)
    for what, octets in damaged.items():
        on_sqlite.file.write_bytes(octets)
        target = new_places(on_sqlite.directory, name="damaged")
        with pytest.raises(AssayError) as caught:
            await on_sqlite.restore(target)
        assert isinstance(caught.value, SealBrokenError | BackupError), what
        assert not target.database.exists(), what
        assert not target.master_key.exists(), what


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"assay-backup/1", b"assay-backup/2", "this release reads"),
        (b"assay-backup/1", b"assay-backup/0", "this release reads"),
        (b"{", b"<", "no backup"),
    ],
)
async def test_another_format_is_said(on_sqlite: Original, old: bytes, new: bytes, said: str) -> None:
    await on_sqlite.back_up()
    on_sqlite.file.write_bytes(on_sqlite.file.read_bytes().replace(old, new, 1))
    with pytest.raises(BackupError, match=said):
        verify_backup(on_sqlite.file, identity=IDENTITY)


async def test_only_the_right_secret_opens_it(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    with pytest.raises(BackupError, match="not made for this identity"):
        verify_backup(on_sqlite.file, identity=generate()[0])
    with pytest.raises(BackupError, match="has no passphrase"):
        verify_backup(on_sqlite.file, passphrase="five random words are here")
    await on_sqlite.back_up(passphrase="five random words are here")
    with pytest.raises(BackupError, match="passphrase is wrong"):
        verify_backup(on_sqlite.file, passphrase="five random words are there")
    assert verify_backup(on_sqlite.file, passphrase="five random words are here").manifest.log_size > 0


async def test_a_backup_that_a_stranger_made_is_not_signed(on_sqlite: Original) -> None:
    """Recipients are public: whoever knows one can seal something for it, and cannot sign its log."""
    await on_sqlite.back_up()
    ours = on_sqlite.verifier
    assert verify_backup(on_sqlite.file, identity=IDENTITY, verifiers=[ours]).proved > 0
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(BackupError, match="signed by the key"):
        verify_backup(on_sqlite.file, identity=IDENTITY, verifiers=[Verifier(name=ours.name, public=other)])


async def test_writing_goes_on_while_one_snapshot_is_read(original: Original) -> None:
    key = os.urandom(32)
    backups = Backups(original.house.premises, original.settings, original.service.key_care.flow)
    header = seal_key(key, at=NOW, recipients=(RECIPIENT,), random=secrets.token_bytes)
    collected = [header]
    stream = await backups.stream(BY, key, header)
    collected.append(await anext(stream))
    await original.house.people.add(BY, user_name="carol")
    collected.extend([segment async for segment in stream])
    original.file.write_bytes(b"".join(collected))
    contents = verify_backup(original.file, identity=IDENTITY)
    after = await tables(original.house.store)
    assert contents.rows["users"] == len(after["users"]) - 1
    assert contents.manifest.log_size == contents.rows["event"]
