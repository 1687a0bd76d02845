"""Run as a program: keep to a memory limit, die when the parent dies, then become the program that was named."""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, megabytes, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    limit = megabytes * 1024 * 1024
    # What a program allocates, not what it maps: shared libraries are many and cost little.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before the line above: then nobody would ever send the signal.
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(program, sys.argv[3:])  # noqa: S606 - no shell is wanted
