"""The real proxies, each started with its documented configuration on a loopback address of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.gateway.envoy_process import shipped_envoy
from tests.protocols.forward_auth.snippets import placed
from tests.protocols.forward_auth.wire import Wire

PROGRAMS = ("nginx", "traefik", "caddy", "haproxy", "envoy")
# Every program has the port of the installation, as where one proxy holds all names.
ADDRESSES = {program: f"127.0.1.{number}" for number, program in enumerate(PROGRAMS, 1)}


def version_of(program: str) -> str:
    """The version that the program says it is."""
    words = {
        "nginx": ["nginx", "-v"],
        "traefik": [beside_python("traefik"), "version"],
        "caddy": [beside_python("caddy"), "version"],
        "haproxy": ["haproxy", "-v"],
        "envoy": [str(shipped_envoy()), "--version"],
    }[program]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    said = f"{done.stdout} {done.stderr}"
    numbers = [word.strip("v/") for part in said.split() for word in part.split("/") if word.count(".") == 2]
    return next(number.partition("-")[0] for number in numbers if number[0].isdigit())


def beside_python(program: str) -> str:
    """A program of a wheel."""
    return str(Path(sys.executable).parent / program)


def _replaced(program: str, *, port: int, secret: str, certificate: Path, asked: str, app: str) -> dict[str, str]:
    address, asked_port, app_port = ADDRESSES[program], asked.rpartition(":")[2], app.rpartition(":")[2]
    common = {"assay_SECRET": secret, "/etc/ssl/example.com.pem": str(certificate)}
    host = f"{program}.assay.localhost"
    if program == "envoy":
        return common | {
            "wiki.example.com": host,
            "0.0.0.0, port_value: 443": f"{address}, port_value: {port}",
            "port_value: 8477": f"port_value: {asked_port}",
            "port_value: 3000": f"port_value: {app_port}",
        }
    common |= {"127.0.0.1:8477": f"127.0.0.1:{asked_port}", "127.0.0.1:3000": f"127.0.0.1:{app_port}"}
    if program == "caddy":
        return common | {
            "https://wiki.example.com": f"https://{host}:{port}",
            "https://:443": f"https://:{port}",
            "bind 0.0.0.0": f"bind {address}",
        }
    return common | {"wiki.example.com": host, "0.0.0.0:443": f"{address}:{port}"}


def _command(program: str, files: dict[str, Path], directory: Path) -> list[str]:
    if program == "nginx":
        config = files["/etc/nginx/nginx.conf"]
        # Where nginx keeps what does not fit into memory; Debian's places are root's.
        kept = "".join(
            f" {name}_temp_path {directory / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config.write_text(config.read_text().replace("http {", f"http {{ access_log off;{kept}", 1))
        settings = f"daemon off; pid {directory / 'nginx.pid'}; error_log stderr crit;"
        return ["nginx", "-p", str(directory), "-e", "stderr", "-c", str(config), "-g", settings]
    if program == "traefik":
        return [beside_python("traefik"), f"--configFile={files['/etc/traefik/traefik.yml']}"]
    if program == "caddy":
        return [beside_python("caddy"), "run", "--adapter", "caddyfile", "--config", str(files["/etc/caddy/Caddyfile"])]
    if program == "haproxy":
        return ["haproxy", "-db", "-f", str(files["/etc/haproxy/haproxy.cfg"])]
    return [
        str(shipped_envoy()),
        *("-c", str(files["/etc/envoy/envoy.yaml"]), "--disable-hot-restart", "--concurrency", "1", "-l", "error"),
    ]


@contextmanager
def running(
    program: str, directory: Path, *, wire: Wire, secret: str, certificate: Path, asked: str, app: str
) -> Iterator[None]:
    """The program, serving."""
    directory.mkdir()
    replaced = _replaced(program, port=wire.port, secret=secret, certificate=certificate, asked=asked, app=app)
    command = _command(program, placed(program, directory, replaced), directory)
    assert shutil.which(command[0]), f"{command[0]} is not installed"
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "HOME": str(directory)}, cwd=directory
        )
        try:
            wire.wait(program, process, directory / "log")
            yield
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)
