"""A host that lets no descriptor be taken is found out at the start, not at the first revocation."""

import subprocess
import sys

from assay.gateway.cut import Cutter
from assay.gateway.socket_table import SocketTable

# An ordinary user may not take what process 1 has open.
ASK = """
import os
from assay.gateway.cut import Cutter
from assay.gateway.socket_table import SocketTable
table = SocketTable()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(Cutter(1, table).refused())
"""


def test_the_hosts_own_words_are_told() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "pidfd_getfd: Operation not permitted"


def test_a_child_of_ours_may_be_cut() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        table = SocketTable()
        cutter = Cutter(child.pid, table)
        assert cutter.refused() == ""
        cutter.close()
        table.close()
        child.kill()
