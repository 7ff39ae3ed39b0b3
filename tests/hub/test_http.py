"""Health and metrics, asked over a real socket."""

import asyncio
import json
import signal
import socket
from http.client import HTTPConnection

import pytest

from hub.http import AddressTaken, Health, served
from hub.metrics import Metrics


async def _yes() -> bool:
    return True


async def _no() -> bool:
    return False


async def _explodes() -> bool:
    raise RuntimeError("Kanari")


async def _never() -> bool:
    await asyncio.Event().wait()
    return True


def _ask(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


async def test_a_hub_that_stands_is_live_and_ready() -> None:
    """Every check says yes."""
    async with served(Health({"database": _yes, "broker": _yes}, Metrics().text)) as port:
        assert (await asyncio.to_thread(_ask, port, "/health/live"))[0] == 200
        status, body = await asyncio.to_thread(_ask, port, "/health/ready")
        assert (status, json.loads(body)) == (200, {"ready": True, "checks": {"database": True, "broker": True}})


@pytest.mark.parametrize("check", [_no, _explodes, _never])
async def test_a_check_that_fails_explodes_or_hangs_is_a_no(check: object) -> None:
    """Not ready, with the check's name and not a word of why; still live."""
    async with served(Health({"database": check, "broker": _yes}, Metrics().text)) as port:  # type: ignore[dict-item]
        status, body = await asyncio.to_thread(_ask, port, "/health/ready")
        assert (status, json.loads(body)["checks"]) == (503, {"database": False, "broker": True})
        assert b"Kanari" not in body
        assert (await asyncio.to_thread(_ask, port, "/health/live"))[0] == 200


async def test_metrics_are_prometheus_text() -> None:
    """What the registry holds."""
    metrics = Metrics(vendors=["fjord"])
    metrics.duplicate(vendor="fjord")
    async with served(Health({}, metrics.text)) as port:
        status, body = await asyncio.to_thread(_ask, port, "/metrics")
    assert status == 200
    assert b'hub_duplicates_total{vendor="fjord"} 1.0' in body


async def test_other_paths_and_methods_are_refused() -> None:
    """Nothing else is served, and nothing is taken in."""
    async with served(Health({}, Metrics().text)) as port:
        assert (await asyncio.to_thread(_ask, port, "/other"))[0] == 404
        assert (await asyncio.to_thread(_ask, port, "/metrics", "POST"))[0] == 405
        assert await asyncio.to_thread(_ask, port, "/health/live", "HEAD") == (200, b"")


async def test_signals_stay_with_who_runs_the_loop() -> None:
    """The server installs no handler of its own, and leaves none."""
    before = signal.getsignal(signal.SIGTERM)
    async with served(Health({}, Metrics().text)):
        assert signal.getsignal(signal.SIGTERM) is before
    assert signal.getsignal(signal.SIGTERM) is before


async def test_a_taken_port_is_one_clear_error() -> None:
    """The web server's own answer would be to end the process."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AddressTaken, match="HUB_HTTP_PORT"):
        async with served(Health({}, Metrics().text), port=taken.getsockname()[1]):
            pass
