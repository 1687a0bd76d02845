"""A socket that no epoll watches for the moment is found among the links, and nothing that was read stays open."""

import os
import socket

from assay.gateway.descriptors import Descriptors


def test_a_socket_outside_of_every_epoll_is_found_and_the_directory_is_closed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        # The other end is listed after ours: the search ends before the directory does.
        assert next(Descriptors(os.getpid()).candidates(os.fstat(ours.fileno()).st_ino)) == ours.fileno()
