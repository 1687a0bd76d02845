"""Who holds a port is found although other descriptors of theirs come and go while they are looked through."""

import os
import socket
import threading

from assay.gateway.port_holder import who_listens

MANY = 200


def opened() -> list[int]:
    return [os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC) for _ in range(MANY)]


def closed(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def test_a_holder_whose_descriptors_come_and_go_is_named() -> None:
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            closed(opened())

    restless = threading.Thread(target=come_and_go)
    # What comes and goes has the numbers below it, and is looked at before.
    below = opened()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed(below)
        restless.start()
        try:
            told = who_listens(listener.getsockname()[1])
        finally:
            over.set()
            restless.join()
    assert f", pid {os.getpid()})" in told
