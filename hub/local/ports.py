"""Ports of the local broker: free, on the loopback, and below the ephemeral range (a retrying client could hold one as its own source)."""

import secrets
import socket

from hub.errors import HubError

LOOPBACK = "127.0.0.1"
LOWEST, EPHEMERAL = 20_000, 32_768
_ATTEMPTS = 200


class PortTaken(HubError):
    """Another program listens where the local broker should."""


class NoFreePort(HubError):
    """Every port that was tried is taken."""


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def require_free(*ports: int) -> None:
    """Raise `PortTaken` with what to do about it."""
    for port in ports:
        if not is_free(port):
            raise PortTaken(f"Port {port} on {LOOPBACK} is taken: stop what listens there, or choose another (--port).")


def free_pair() -> int:
    """A random port that is free together with the one above it."""
    for _ in range(_ATTEMPTS):
        port = LOWEST + secrets.randbelow(EPHEMERAL - 1 - LOWEST)
        if is_free(port) and is_free(port + 1):
            return port
    raise NoFreePort(f"No two free ports between {LOWEST} and {EPHEMERAL} on {LOOPBACK}.")
