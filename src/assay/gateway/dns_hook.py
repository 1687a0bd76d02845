"""The operator's program that sets and removes DNS records for ACME's DNS-01 challenge (RFC 8555 §8.4)."""

import os
import subprocess
from typing import Final

from assay.values import AssayError

SET: Final = "set"
REMOVE: Final = "remove"
_SECONDS: Final = 300
_SAID: Final = 500


class HookError(AssayError):
    """The hook could not be run, took too long, or said that it failed."""


def run_hook(command: tuple[str, ...], action: str, name: str, value: str) -> None:
    """Call `command… action name value`; it returns when the record can be seen by everybody. Raises HookError.

    One name can need two values at once, for the base domain and for its wildcard: `set` adds, `remove` takes one away.
    No shell takes part, and nothing of our environment but where programs are.
    """
    try:
        done = subprocess.run(
            [*command, action, name, value],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/")},
        )
    except subprocess.TimeoutExpired as error:
        raise HookError(
            f"the DNS hook {command[0]} did not end within {_SECONDS} s", remedy="let it wait less for DNS"
        ) from error
    except OSError as error:
        raise HookError(
            f"the DNS hook {command[0]} cannot be run: {error.strerror}", remedy=f"chmod +x {command[0]}"
        ) from error
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").strip()[-_SAID:]
        raise HookError(
            f"the DNS hook {command[0]} {action} {name} ended with {done.returncode}: {said}",
            remedy="run it by hand with the same words",
        )
