"""Run a program as systemd would by our unit, without systemd: `python confined.py UNIT WRITABLE UID PROGRAM …`.

What is done: the unit's system call filter by libseccomp, its address families, no new privileges, no capabilities but
the ambient ones that it names, memory that is never writable and executable, a read-only machine with one writable
directory, /proc that shows one's own processes, limits, and (PrivateUsers) a user namespace.
"""

import ctypes
import os
import resource
import socket
import struct
import subprocess
import sys
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_KEEPCAPS, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_SET_MDWE = 8, 24, 38, 47, 65
CAPABILITY_VERSION, CAP_AMBIENT_RAISE = 0x20080522, 2
CAP_NET_BIND_SERVICE, LAST_CAPABILITY = 10, 40
NEW_USER, NEW_MOUNT = 0x10000000, 0x00020000
SCMP_ACT_ALLOW, SCMP_CMP_EQ = 0x7FFF0000, 4
EPERM = 0x00050000 | 1


class Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def must(result: int, what: str) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def settings_of(units: list[Path]) -> dict[str, list[str]]:
    """Key → values in order; an empty value takes back what came before (systemd.syntax(7))."""
    found: dict[str, list[str]] = {}
    for unit in units:
        for line in unit.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                found[key] = [*found.get(key, []), value] if value else []
    return found


def expanded(name: str) -> set[str]:
    """The calls of a group, or the one that is named."""
    if not name.startswith("@"):
        return {name}
    shown = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in shown.stdout.splitlines()[1:]]
    return set().union(*(expanded(line) for line in lines if line and not line.startswith("#")))


def allowed_calls(filters: list[str]) -> set[str]:
    allowed: set[str] = set()
    for line in filters:
        names = set().union(*(expanded(name) for name in line.lstrip("~").split()))
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def filter_calls(allowed: set[str], families: set[int]) -> None:
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(EPERM)))
    # execve is systemd's own last step, and @system-service holds it; so does ours.
    for name in allowed - {"socket"}:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            must(seccomp.seccomp_rule_add(context, ctypes.c_uint32(SCMP_ACT_ALLOW), number, 0), name)
    number = seccomp.seccomp_syscall_resolve_name(b"socket")
    for family in families:
        compare = Comparison(0, SCMP_CMP_EQ, family, 0)
        must(seccomp.seccomp_rule_add(context, ctypes.c_uint32(SCMP_ACT_ALLOW), number, 1, compare), "socket")
    must(seccomp.seccomp_load(context), "seccomp_load")


def close_the_machine(writable: Path) -> None:
    """Everything read-only but one directory, and /proc shows one's own processes (ProtectSystem=, ProtectProc=)."""
    must(LIBC.unshare(NEW_MOUNT), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for program in {sys.base_prefix, sys.prefix}:
        let_through(Path(program))
    for command in (
        ["mount", "--bind", str(writable), str(writable)],
        ["mount", "-o", "remount,bind,ro", "/"],
        ["mount", "-t", "proc", "-o", "subset=pid,hidepid=invisible", "proc", "/proc"],
    ):
        subprocess.run(command, check=True)


def let_through(program: Path) -> None:
    """Where a closed directory stands above a program (a Python in root's home), only the program is left of it."""
    closed = next((one for one in reversed(program.parents) if not one.stat().st_mode & 0o001), None)
    if closed is None:
        return
    # Held by its descriptor while something else is put over its path.
    descriptor = os.open(program, os.O_PATH)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(closed)], check=True)
    program.mkdir(parents=True)
    held = f"/proc/{os.getpid()}/fd/{descriptor}"
    subprocess.run(["mount", "--no-canonicalize", "--bind", held, str(program)], check=True)
    os.close(descriptor)


def own_users(uid: int) -> None:
    """A user namespace that knows root and this user, as PrivateUsers=yes makes it; the parent writes the map."""
    to_parent, to_child = os.pipe(), os.pipe()
    child = os.fork()
    if child:
        os.read(to_parent[0], 1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{name}").write_text(f"0 0 1\n{uid} {uid} 1\n")
        os.write(to_child[1], b"1")
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    must(LIBC.unshare(NEW_USER), "unshare")
    os.write(to_parent[1], b"1")
    os.read(to_child[0], 1)


def drop_capabilities(keep: set[int], uid: int) -> None:
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in keep:
            must(LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "bounding set")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    must(LIBC.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep")
    os.setresuid(uid, uid, uid)
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    low = sum(1 << capability for capability in keep)
    must(LIBC.capset(header, struct.pack("=6I", low, low, low, 0, 0, 0)), "capset")
    for capability in keep:
        must(LIBC.prctl(PR_CAP_AMBIENT, CAP_AMBIENT_RAISE, capability, 0, 0), "ambient")


def main(arguments: list[str]) -> None:
    unit, writable, uid, *program = arguments
    units = [Path(one) for one in unit.split(":")]
    settings = settings_of(units)
    calls = allowed_calls(settings["SystemCallFilter"])
    families = {getattr(socket, name) for name in settings["RestrictAddressFamilies"][0].split()}
    close_the_machine(Path(writable))
    # Where the machine itself allows fewer, that is what it is.
    files = min(int(settings["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    keep = {CAP_NET_BIND_SERVICE} if settings.get("AmbientCapabilities") == ["CAP_NET_BIND_SERVICE"] else set()
    if settings["PrivateUsers"][-1] == "yes":
        own_users(int(uid))
    drop_capabilities(keep, int(uid))
    must(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if settings["MemoryDenyWriteExecute"] == ["yes"]:
        must(LIBC.prctl(PR_SET_MDWE, 1, 0, 0, 0), "MDWE")
    filter_calls(calls, families)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
