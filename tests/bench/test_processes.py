"""Of processes and threads that come and go, those that stay are found all the same."""

import os
import subprocess
import threading

import pytest

from assay.cli.bench.processes import children, envoy_of

TIMES = 50


def test_a_child_is_found_whatever_ends_meanwhile() -> None:
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            threads = [threading.Thread(target=over.is_set) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            subprocess.run(["true"], check=True)

    restless = threading.Thread(target=come_and_go)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        restless.start()
        try:
            for _ in range(TIMES):
                assert child.pid in children(os.getpid())
                with pytest.raises(LookupError):
                    envoy_of(os.getpid())
        finally:
            over.set()
            restless.join()
