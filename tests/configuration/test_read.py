"""The configuration file: every mistake is found at once, with its place and its fix; nothing is passed over."""

import re
import tomllib
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.configuration.example import example
from assay.configuration.problem import ConfigurationError, Problem
from assay.configuration.read import read_configuration, struct_in
from assay.configuration.sections import Configuration

ROOT = Path(__file__).parent.parent.parent


def refused(directory: Path, text: str, **environment: str) -> tuple[Problem, ...]:
    file = directory / "assay.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file, environment=environment)
    return caught.value.problems


def read(directory: Path, text: str, **environment: str) -> Configuration:
    file = directory / "assay.toml"
    file.write_text(text)
    return read_configuration(file, environment=environment)


@pytest.mark.parametrize(
    ("text", "place", "line", "words"),
    [
        ("[server]\nport = 1\nprot = 2", "[server] prot", 3, ("no key 'prot'", "did you mean port?", "base_domain,")),
        ("[sever]\nport = 1", "[sever]", 1, ("no [sever] section", "did you mean server?", "tls")),
        ("port = 1", "[port]", 1, ("no [port] section",)),
        ("server = 1", "server", 1, ("write [server]",)),
        ("[server]\nport = 0", "[server] port", 2, (">= 1",)),
        ("[server]\nport = 65536", "[server] port", 2, ("<= 65535",)),
        ('[server]\nport = "443"', "[server] port", 2, ("expected a whole number, got text",)),
        ("[server]\nport = true", "[server] port", 2, ("expected a whole number",)),
        ('[server]\nlisten = "::"', "[server] listen", 2, ("expected a list",)),
        ("[server]\nlisten = []", "[server] listen", 2, ("empty",)),
        ('[server]\nlisten = ["localhost"]', "[server] listen", 2, ("no IP address",)),
        ('[server]\nlisten = ["::1", "0:0::1"]', "[server] listen", 2, ("twice",)),
        ('[server]\nlisten = ["224.0.0.1"]', "[server] listen", 2, ("multicast",)),
        ('[server]\nbase_domain = "company"', "[server] base_domain", 2, ("no domain", "example.com")),
        ('[server]\nbase_domain = "192.0.2.1"', "[server] base_domain", 2, ("no domain",)),
        ('[server]\nbase_domain = "*.company.example"', "[server] base_domain", 2, ("no domain",)),
        ('[server]\ntrusted_proxies = ["10.0.0.1/8"]', "[server] trusted_proxies", 2, ("host bits",)),
        ("[server]\nproxy_protocol = true", "[server] proxy_protocol", 2, ("no proxy is trusted",)),
        ('[tls]\ncertificate = "a.pem"', "[tls]", 1, ("private_key is missing",)),
        ('[tls]\ncertificate = ""\nprivate_key = "b"', "[tls] certificate", 2, ("path of a file",)),
        ('[tls]\nprivate_key = "credential:key"', "[tls] private_key", 2, ("LoadCredential=key:",)),
        ("[tls.acme]\n", "[tls.acme]", 1, ("directory_url is missing",)),
        ("[tls]\nacme = 3", "tls.acme", 2, ("write [tls.acme]",)),
        ('[tls.acme]\nhook = []\ndirectory_url = "http://a"', "[tls.acme] directory_url", 3, ("no https address",)),
        ('[tls.acme]\nhook = ["/a"]\ndirectory_url = "https://a"', "[tls.acme] agree_to_terms", 0, ("not agreed",)),
        ('[tls.acme]\nhook = ["a"]\ndirectory_url = "https://a"', "[tls.acme] hook", 2, ("whole path",)),
        ('[database]\nurl = "mysql://a/b"', "[database] url", 2, ("'mysql' is no database",)),
        ('[database]\nurl = "postgresql://a:secret@h/b"', "[database] url", 2, ("holds a password", "0600")),
        ('[database]\nurl = "postgresql://h/b?password=secret"', "[database] url", 2, ("holds a password",)),
        ('[log]\nlevel = "loud"', "[log] level", 2, ("loud",)),
        ('[log]\nlevel = "loud"', "[log] level", 2, ("one of: debug, info",)),
        ('[mail]\ntransport = "smpt"', "[mail] transport", 2, ("there is no 'smpt'", "one of: none, smtp, file")),
        ('[mail]\ntransport = "smtp"', "[mail]", 1, ("host is missing",)),
        ('[mail]\npassword_file = "a"', "[mail]", 1, ("user_name is missing",)),
        ('[node]\nname = "../a"', "[node] name", 2, ("no name",)),
        ('[server]\ndata = "d"\n[keys]\nmaster_key = "d/k"', "[keys] master_key", 4, ("lies in the data directory",)),
        ("[server\n", "", 0, ("no TOML", "line 1")),
        ("[server]\nport = 1\nport = 2", "", 0, ("no TOML", "Cannot overwrite")),
    ],
)
def test_each_mistake_is_named_with_its_place_and_its_fix(
    text: str, place: str, line: int, words: tuple[str, ...], tmp_path: Path
) -> None:
    found = [each for each in refused(tmp_path, text) if each.place == place]
    assert found, refused(tmp_path, text)
    said = " ".join(f"{each.message} {each.fix}" for each in found)
    assert all(word in said for word in words), said
    assert found[0].line == line


def test_everything_that_is_wrong_is_said_at_once_and_in_the_files_order(tmp_path: Path) -> None:
    text = '[server]\nport = "x"\nlissten = []\n\n[tls]\ncertificate = 3\n\n[databases]\nurl = ""\n[node]\nname = "%"\n'
    problems = refused(tmp_path, text)
    assert [(each.line, each.place) for each in problems] == [
        (2, "[server] port"),
        (3, "[server] lissten"),
        (6, "[tls] certificate"),
        (8, "[databases]"),
        (11, "[node] name"),
    ]


def test_a_password_in_the_file_is_not_repeated_in_what_is_said(tmp_path: Path) -> None:
    problems = refused(tmp_path, '[database]\nurl = "postgresql://a:hunter22@h/b"')
    assert "hunter22" not in repr(problems)


def test_paths_start_at_the_files_own_directory_and_credentials_at_systemds(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        '[server]\ndata = "data"\n[tls]\ncertificate = "/etc/c.pem"\nprivate_key = "credential:tls-key"\n',
        CREDENTIALS_DIRECTORY="/run/credentials/assay.service",
    )
    assert made.server.data == tmp_path / "data"
    assert made.tls.certificate == Path("/etc/c.pem")
    assert made.tls.private_key == Path("/run/credentials/assay.service/tls-key")
    climbing = '[keys]\nmaster_key = "credential:../../etc/shadow"'
    assert "without slashes" in refused(tmp_path, climbing, CREDENTIALS_DIRECTORY="/run")[0].message


def test_a_reset_outlives_its_waiting_time(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "[resets]\nwaiting_hours = 72\nlifetime_hours = 72\n")
    assert (problem.section, problem.key) == ("resets", "lifetime_hours")
    assert read(tmp_path, "[resets]\nwaiting_hours = 71\n").resets.waiting_hours == 71


def test_an_empty_file_is_what_holds_without_one(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Configuration()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"#" * (1 << 21)])
def test_what_is_no_text_of_a_bearable_size_is_refused(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "assay.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError):
        read_configuration(file)


@given(text=st.text(max_size=200) | st.from_regex(r"(\[[a-z.]{1,9}\]\n|[a-z_]{1,9} = [\"0-9\[\]a-z]{1,9}\n){1,6}"))
def test_no_text_makes_it_fail_in_another_way(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8", errors="ignore")
    with suppress(ConfigurationError):
        assert isinstance(read_configuration(file), Configuration)


def test_the_example_is_good_and_names_every_key_with_a_comment(tmp_path: Path) -> None:
    read(tmp_path, example())
    filled = re.sub(r"^#(\[|[a-z_]+ = )", r"\1", example(), flags=re.M)
    # Files and ACME exclude one another, as does a password without an address.
    both = refused(tmp_path, filled)
    assert [each.message for each in both] == ["there are certificate files and ACME"]
    assert _keys(tomllib.loads(filled)) == _declared(Configuration)


def test_the_page_holds_the_example_as_it_is_printed() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert f"```toml\n{example()}```" in page


def _keys(table: dict[str, object], above: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        name = f"{above}{key}"
        found |= {name} | (_keys(value, f"{name}.") if isinstance(value, dict) else set())
    return found


def _declared(kind: type[msgspec.Struct], above: str = "") -> set[str]:
    found: set[str] = set()
    for field in msgspec.structs.fields(kind):
        name, inner = f"{above}{field.name}", struct_in(field.type)
        found |= {name} | (_declared(inner, f"{name}.") if inner is not None else set())
    return found
