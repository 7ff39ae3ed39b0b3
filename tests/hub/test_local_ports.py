"""Ports of the local broker."""

import socket

import pytest

from hub.local.ports import EPHEMERAL, LOOPBACK, PortTaken, answers, free_pair, is_free, require_free


def test_a_port_somebody_listens_on_is_not_free() -> None:
    """The probe sees a listener, and the refusal names the port."""
    with socket.create_server((LOOPBACK, free_pair())) as taken:
        port = taken.getsockname()[1]
        assert answers(port)
        assert not is_free(port)
        with pytest.raises(PortTaken, match=str(port)):
            require_free(port)


def test_a_free_pair_lies_below_the_ephemeral_ports() -> None:
    """Both ports, always."""
    assert all(free_pair() + 1 < EPHEMERAL for _ in range(20))
