"""Health and metrics over HTTP, on the loopback unless told otherwise. Never shows a message, a person or a secret, and takes no input.

Who may ask, `hub.entrance` says. GET and HEAD alone are answered, and change nothing.

`GET /health/live`: this process runs its event loop. `GET /health/ready`: every check passes; each is named with yes or no.
`GET /metrics`: Prometheus' text. It installs no signal handler: who runs the loop decides when it ends.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST

from hub.entrance import Denied, Entrance
from hub.errors import HubError

Check = Callable[[], Awaitable[bool]]
"""Whether something the hub needs is there. What it raises, or more than two seconds, is a no."""
Answer = tuple[int, str, bytes]
_CHECK_SECONDS, _STOP_SECONDS = 2.0, 3
_JSON = "application/json"
_OPEN = Entrance()
_ALSO: Mapping[int, list[tuple[bytes, bytes]]] = {405: [(b"allow", b"GET, HEAD")], 401: [(b"www-authenticate", b"Bearer")]}
"""What a status owes beside its words."""


class AddressTaken(HubError):
    """Health and metrics cannot be served where they should."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `ready` asks, by name, and what `metrics` answers."""

    checks: Mapping[str, Check]
    metrics: Callable[[], bytes]

    async def live(self) -> Answer:
        """The loop turns."""
        return 200, _JSON, b'{"live": true}'

    async def ready(self) -> Answer:
        """200 when every check says yes, else 503; both name each check."""
        answers = await asyncio.gather(*(_passes(check) for check in self.checks.values()))
        told = dict(zip(self.checks, answers, strict=True))
        return 200 if all(answers) else 503, _JSON, json.dumps({"ready": all(answers), "checks": told}).encode()

    async def measured(self) -> Answer:
        """The counters."""
        return 200, CONTENT_TYPE_LATEST, self.metrics()

    async def answer(self, method: str, path: str, denied: Denied | None = None) -> Answer:
        """The answer to a request; `denied`: the no of the entrance."""
        if method not in ("GET", "HEAD"):
            return 405, _JSON, b'{"allowed": ["GET", "HEAD"]}'
        if denied:
            return denied.status, _JSON, json.dumps({"denied": denied.words}).encode()
        found = {"/health/live": self.live, "/health/ready": self.ready, "/metrics": self.measured}.get(path)
        if found is None:
            return 404, _JSON, b'{"known": ["/health/live", "/health/ready", "/metrics"]}'
        return await found()


@asynccontextmanager
async def served(health: Health, *, host: str = "127.0.0.1", port: int = 0, entrance: Entrance = _OPEN) -> AsyncIterator[int]:
    """Serve inside the running loop until the block ends. Gives the port; 0 asks for a free one. Raises AddressTaken."""
    with _listening(host, port) as listener:
        server = _Server(uvicorn.Config(
            _app(health, entrance), log_config=None, access_log=False, lifespan="off", ws="none", server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        ))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to who runs the loop."""
        yield


def _listening(host: str, port: int) -> socket.socket:
    # uvicorn's own bind ends the whole process when the port is taken
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as fault:
        raise AddressTaken(f"{host}:{port} cannot be listened on ({fault.strerror}): set HUB_HTTP_HOST and HUB_HTTP_PORT.") from fault


def _app(health: Health, entrance: Entrance) -> Callable[[Any, Any, Any], Awaitable[None]]:
    async def app(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        status, kind, body = await health.answer(scope["method"], scope["path"], entrance.denies(scope["path"], scope["headers"]))
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *_ALSO.get(status, [])]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return app


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), _CHECK_SECONDS)
    except Exception:  # noqa: BLE001 - whatever it is, what was asked for is not there
        return False
