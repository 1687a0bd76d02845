"""What the tests need of the machine: installed where that is possible, named where it is not."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program that tests start, the Debian package that brings it, and the marker of the tests that need it."""

    program: str
    package: str
    marker: str


TEST_TOOLS = (
    Tool("chromium", "chromium", "browser"),
    Tool("certutil", "libnss3-tools", "browser"),
    Tool("certutil", "libnss3-tools", "interop"),
    Tool("curl", "curl", "interop"),
    Tool("ip", "iproute2", "namespaces"),
    Tool("systemd-analyze", "systemd", "interop"),
    Tool("systemd-analyze", "systemd", "namespaces"),
    Tool("pebble", "pebble", "interop"),
    Tool("pebble-challtestsrv", "pebble", "interop"),
    Tool("nginx", "nginx-light", "interop"),
    Tool("haproxy", "haproxy", "interop"),
    Tool("nft", "nftables", "namespaces"),
    Tool("setpriv", "util-linux", "namespaces"),
    Tool("pgbouncer", "pgbouncer", "interop"),
    Tool("faketime", "faketime", "interop"),
)
LOAD_TOOLS = (Tool("wrk", "wrk", "load"),)


def say(line: str) -> None:
    sys.stderr.write(f"run: {line}\n")
    sys.stderr.flush()


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


def prepare(tools: tuple[Tool, ...]) -> list[Tool]:
    """Install what is missing on Debian as root; what is missing after that. In CI that ends the run."""
    missing = _missing(tools)
    if missing and _can_install():
        packages = sorted({tool.package for tool in missing})
        say(f"installing {' '.join(packages)}")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "-qq", "update"],
            ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages],
        ):
            subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL, timeout=600)
        missing = _missing(tools)
    for program, package in sorted({(tool.program, tool.package) for tool in missing}):
        say(f"{program} is not installed (Debian: {package})")
    if missing and in_ci():
        say("in CI every suite runs: a missing tool is a failure")
        sys.exit(2)
    return missing


def _missing(tools: tuple[Tool, ...]) -> list[Tool]:
    return [tool for tool in tools if shutil.which(tool.program) is None]


def _can_install() -> bool:
    release = Path("/etc/os-release")
    is_debian = release.exists() and any(
        line.partition("=")[0] in ("ID", "ID_LIKE") and "debian" in line for line in release.read_text().splitlines()
    )
    return is_debian and os.geteuid() == 0 and shutil.which("apt-get") is not None
