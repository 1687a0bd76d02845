"""The program `assay`, imported once: each command that is asked for is a process of its own, forked from this one.

Asked on the socket whose descriptor is the first argument: a JSON object, with the command's three files and a pipe
that is told the number of its process and, at its end, its exit code (tests/forked_program.py). It ends with who asks.
What it imports are the modules that the other arguments name: those of all commands, where there are none.
"""

import gc
import json
import os
import resource
import signal
import socket
import sys
import traceback
from importlib import import_module
from runpy import run_path

from assay.cli import COMMANDS, main

# What they import takes longer than they do; whoever wants them waits for that.
HEAVY = ("bench", "demo")


def command(asked: dict[str, object]) -> int:
    """Be the program, or the other one that is asked for, with these words and this environment; its exit code."""
    words, environment, limits = asked["words"], asked["environment"], asked["limits"]
    assert isinstance(words, list)
    assert isinstance(environment, dict)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(str(asked["directory"]))
    assert isinstance(limits, dict)
    for limit, (soft, hard) in limits.items():
        resource.setrlimit(int(limit), (soft, hard))
    program = asked["program"]
    sys.argv = ["assay", *words]
    try:
        if program is None:
            main()
        else:
            run_path(str(program), run_name="__main__")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
            return 1
        return ended.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        return 1
    return 0


def become(asked: dict[str, object], files: list[int]) -> None:
    """Never returns."""
    code = 1
    try:
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        code = command(asked)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def run(asked: dict[str, object], files: list[int], told: int) -> None:
    """Fork the command and wait for its end; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        os.close(told)
        become(asked, files)
    # Whoever reads what it says is told when it ends.
    for file in files:
        os.close(file)
    os.write(told, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def serve(asking: socket.socket, modules: list[str]) -> None:
    """Until nobody asks any more."""
    of_commands = [place.partition(":")[0] for name, (place, _) in COMMANDS.items() if name not in HEAVY]
    for module in modules or of_commands:
        import_module(module)
    gc.freeze()
    # Nobody waits for those that wait for a command.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(asking, 1 << 18, 4)
        if not message:
            return
        if not os.fork():
            asking.close()
            *three, told = files
            run(json.loads(message), three, told)
        for file in files:
            os.close(file)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
