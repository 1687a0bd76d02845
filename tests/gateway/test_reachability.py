"""Whether an app can be reached around the gateway, on real listeners and real directories."""

import os
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.apps import parse_upstream
from assay.apps.reachability import Reach
from assay.gateway.reachability import is_ours, reach_of
from tests.api.service import short_directory


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that only its owner may enter, below one that everybody may."""
    with short_directory() as made:
        Path(made).chmod(0o711)
        inner = Path(made) / "app"
        inner.mkdir(mode=0o700)
        yield inner


@pytest.mark.parametrize(
    ("family", "address", "expected"),
    [
        (socket.AF_INET, "127.0.0.1", Reach.THIS_MACHINE),
        (socket.AF_INET, "127.0.0.9", Reach.THIS_MACHINE),
        (socket.AF_INET, "0.0.0.0", Reach.NETWORK),
        (socket.AF_INET6, "::1", Reach.THIS_MACHINE),
        (socket.AF_INET6, "::", Reach.NETWORK),
    ],
)
def test_a_port_is_as_open_as_its_most_open_listener(family: int, address: str, expected: Reach) -> None:
    with socket.create_server((address, 0), family=family) as listener:
        upstream = parse_upstream(f"http://localhost:{listener.getsockname()[1]}")
        assert reach_of(upstream) is expected
    assert reach_of(upstream) is Reach.NOT_LISTENING


def test_another_machine_cannot_be_seen_from_here() -> None:
    assert reach_of(parse_upstream("http://192.0.2.1:80")) is Reach.ELSEWHERE
    assert reach_of(parse_upstream("http://does-not-exist.invalid:80")) is Reach.ELSEWHERE
    assert reach_of(parse_upstream("http://no..name:80")) is Reach.ELSEWHERE, "one such app must not hide all others"


def test_a_socket_is_closed_by_its_directory_or_by_its_own_mode(directory: Path) -> None:
    path = directory / "app.sock"
    upstream = parse_upstream(f"unix://{path}")
    assert reach_of(upstream) is Reach.NOT_LISTENING
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        assert reach_of(upstream) is Reach.DIRECTORY
        directory.chmod(0o711)
        assert reach_of(upstream) is Reach.THIS_MACHINE
        path.chmod(0o600)
        assert reach_of(upstream) is Reach.DIRECTORY


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives directories away")
def test_a_directory_of_another_user_is_open_to_that_user(directory: Path) -> None:
    path = directory / "app.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        os.chown(directory, pwd.getpwnam("nobody").pw_uid, -1)
        assert reach_of(parse_upstream(f"unix://{path}")) is Reach.THIS_MACHINE


def test_a_file_is_no_socket(directory: Path) -> None:
    (directory / "app.sock").touch()
    assert reach_of(parse_upstream(f"unix://{directory / 'app.sock'}")) is Reach.NOT_LISTENING


@pytest.mark.parametrize(
    ("upstream", "ours"),
    [
        ("https://127.0.0.1:8443", True),
        ("https://127.9.9.9:8443", True),
        ("https://0.0.0.0:8443", True),
        ("https://[::1]:8443", True),
        ("https://[::ffff:127.0.0.1]:8443", True),
        ("https://localhost:8443", True),
        ("https://id.assay.localhost:8443", True),
        ("https://127.0.0.1:8444", False),
        ("https://192.0.2.1:8443", False),
    ],
)
def test_our_port_is_ours_on_every_address_of_this_machine(upstream: str, ours: bool, tmp_path: Path) -> None:
    assert is_ours(parse_upstream(upstream), run_directory=tmp_path, port=8443) is ours


def test_our_sockets_are_ours_by_any_name(directory: Path) -> None:
    run = directory / "run"
    run.mkdir()
    (directory / "linked").symlink_to(run)
    (directory / "innocent.sock").symlink_to("linked/admin.sock")
    (directory / "circle.sock").symlink_to("circle.sock")
    for name, ours in (
        ("run/admin.sock", True),
        ("run/../run/x", True),
        ("linked/x", True),
        ("innocent.sock", True),
        ("wiki.sock", False),
        ("runner/wiki.sock", False),
        ("circle.sock", False),
    ):
        assert is_ours(parse_upstream(f"unix://{directory}/{name}"), run_directory=run, port=8443) is ours, name
