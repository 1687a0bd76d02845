"""The configuration file, changed at random: it says exactly what it says, or it is refused; nothing is half read.

What a file leaves out has its default, and no default lets more in than any other value.
"""

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from assay.configuration.example import example
from assay.configuration.problem import ConfigurationError
from assay.configuration.read import read_configuration, struct_in
from assay.configuration.sections import Configuration

MUTATIONS = 300
SEED = 22


def whole_example() -> str:
    """The example with every key in use."""
    lines = []
    for line in example().splitlines():
        bare = line.removeprefix("#")
        is_key = line.startswith("#") and not line.startswith("# ") and (" = " in bare or bare.startswith("["))
        lines.append(bare if is_key else line)
    text = "\n".join(lines)
    # One of the two ways to a certificate, and one of the ways out for mail.
    return text.replace('certificate = "/etc/letsencrypt', '#certificate = "/etc/letsencrypt').replace(
        'private_key = "/etc/letsencrypt', '#private_key = "/etc/letsencrypt'
    )


def mutated(text: str, chance: random.Random) -> str:
    """The text with one thing done to it that editors, disks and hands do."""
    lines, at = text.splitlines(), chance.randrange(len(text))
    line = chance.randrange(len(lines))
    other = chance.randrange(len(lines))
    what = chance.randrange(9)
    if what == 0:
        return text[:at] + text[at + 1 :]
    if what == 1:
        return text[:at] + chr(chance.randrange(32, 127)) + text[at + 1 :]
    if what == 2:
        return text[:at] + chr(chance.randrange(0, 0x300)) + text[at:]
    if what == 3:
        return text[:at]
    if what == 4:
        return text[:at] + text[at + chance.randrange(200) :]
    if what == 5:
        lines.insert(other, lines[line])
    elif what == 6:
        lines[line], lines[other] = lines[other], lines[line]
    elif what == 7:
        lines[line] = "#" + lines[line]
    else:
        del lines[line]
    return "\n".join(lines)


def said(kind: type[msgspec.Struct], table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """What a file says, key by key, as a TOML parser reads it."""
    for field in msgspec.structs.fields(kind):
        inner = struct_in(field.type)
        if field.name not in table:
            continue
        if inner is None:
            yield f"{prefix}{field.name}", table[field.name]
        else:
            yield from said(inner, table[field.name], f"{prefix}{field.name}.")  # type: ignore[arg-type]


def held(made: msgspec.Struct, prefix: str = "") -> Iterator[tuple[str, object]]:
    """What a configuration holds, key by key."""
    for field in msgspec.structs.fields(made):
        value = getattr(made, field.name)
        if isinstance(value, msgspec.Struct):
            yield from held(value, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", value


def plain(value: object) -> object:
    """As TOML would write it."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else getattr(value, "value", value)


@pytest.fixture(scope="module")
def whole() -> str:
    return whole_example()


def test_the_whole_example_is_a_configuration(whole: str, tmp_path: Path) -> None:
    file = tmp_path / "assay.toml"
    file.write_text(whole)
    keys = dict(said(Configuration, tomllib.loads(whole)))
    assert len(keys) > 35
    assert read_configuration(file) != Configuration()


def test_r22_a_file_is_taken_as_it_stands_or_refused(whole: str, tmp_path: Path) -> None:
    file, chance = tmp_path / "assay.toml", random.Random(SEED)
    defaults = dict(held(Configuration()))
    taken = refused = 0
    for _ in range(MUTATIONS):
        text = mutated(whole, chance)
        file.write_text(text, encoding="utf-8", newline="")
        try:
            made = read_configuration(file)
        except ConfigurationError as error:
            refused += len(error.problems) > 0
            continue
        taken += 1
        written = dict(said(Configuration, tomllib.loads(text)))
        assert leaves(tomllib.loads(text)) == len(written), "a key that nobody reads was passed over"
        for key, value in held(made):
            expected = written.get(key, plain(defaults.get(key, plain(value))))
            if isinstance(value, Path):
                expected = str(file.parent / str(expected))
            assert plain(value) == expected, f"{key}: {text}"
    assert taken > MUTATIONS // 10
    assert refused > MUTATIONS // 5


def leaves(table: dict[str, object]) -> int:
    return sum(leaves(value) if isinstance(value, dict) else 1 for value in table.values())


def test_r22_what_is_left_out_lets_nothing_in() -> None:
    """Lines that a torn file lost: strangers' addresses are not believed, and nobody outside is listened to."""
    nothing = Configuration()
    assert nothing.server.listen == ("127.0.0.1", "::1")
    assert nothing.server.trusted_proxies == ()
    assert not nothing.server.proxy_protocol
    assert nothing.passwords.minimum == 15
    assert nothing.resets.waiting_hours == 4
    assert nothing.tls.acme is None
