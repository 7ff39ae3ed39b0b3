"""Health and metrics, asked over a real socket."""

import asyncio
import json
import signal
import socket
from email.message import Message
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.entrance import Entrance, Role, is_loopback, tokens_in, tokens_of
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
    return _told(port, path, method)[:2]


def _told(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, Message]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read(), answer.headers
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


TOKENS: dict[Role, str] = {role: f"{role}-" + "t" * 32 for role in ("health", "metrics", "operator")}
SECRETS = {role: SecretStr(token) for role, token in TOKENS.items()}
HERE, THERE = Entrance(loopback=True, tokens=SECRETS), Entrance(loopback=False, tokens=SECRETS)
HEALTH = Health({"database": _yes}, Metrics().text)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ANYTHING"])
@pytest.mark.parametrize("path", ["/metrics", "/health/ready", "/other"])
async def test_nothing_but_get_and_head_is_answered(method: str, path: str) -> None:
    """405, with what is allowed, whoever asks: there is no request that could change anything."""
    async with served(HEALTH, entrance=THERE) as port:
        status, _, headers = await asyncio.to_thread(_told, port, path, method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(("role", "seen"), [
    (None, {"/health/live": 401, "/health/ready": 401, "/metrics": 401, "/other": 401}),
    ("health", {"/health/live": 200, "/health/ready": 200, "/metrics": 403, "/other": 403}),
    ("metrics", {"/health/live": 200, "/health/ready": 200, "/metrics": 200, "/other": 403}),
    ("operator", {"/health/live": 200, "/health/ready": 200, "/metrics": 200, "/other": 404}),
])
async def test_where_others_reach_it_each_role_sees_its_own(role: Role | None, seen: dict[str, int]) -> None:
    """Without a token nothing at all, not even which paths there are."""
    given = {"Authorization": f"Bearer {TOKENS[role]}"} if role else {}
    async with served(HEALTH, entrance=THERE) as port:
        for path, status in seen.items():
            assert (await asyncio.to_thread(_told, port, path, **given))[0] == status, path


@pytest.mark.parametrize("given", [
    "", "Bearer", "Bearer ", TOKENS["metrics"], f"Basic {TOKENS['metrics']}", f"Bearer {TOKENS['metrics']}x",
    f"Bearer {TOKENS['metrics'][:-1]}",
    f"Bearer  {TOKENS['metrics']}", f"Bearer {TOKENS['metrics'].upper()}", "Bearer \xe5",
])
async def test_what_is_no_token_is_told_how_to_bring_one(given: str) -> None:
    """401 with the scheme; the words name no token and no role, and nothing of what came."""
    async with served(HEALTH, entrance=THERE) as port:
        status, body, headers = await asyncio.to_thread(lambda: _told(port, "/metrics", Authorization=given))
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body) == {"denied": "a token is needed: Authorization: Bearer ..."}


async def test_a_role_that_does_not_see_a_path_is_told_so() -> None:
    """403 in words, and nothing else."""
    async with served(HEALTH, entrance=THERE) as port:
        status, body, _ = await asyncio.to_thread(lambda: _told(port, "/metrics", Authorization=f"bearer {TOKENS['health']}"))
    assert (status, json.loads(body)) == (403, {"denied": "this token's role does not see this"})


async def test_on_the_loopback_tokens_close_the_metrics_and_leave_health_open() -> None:
    """Whatever restarts a process on the machine needs no token; without any tokens all is open."""
    async with served(HEALTH, entrance=HERE) as port:
        assert [(await asyncio.to_thread(_ask, port, path))[0] for path in ("/health/live", "/health/ready", "/metrics")] == [200, 200, 401]
    async with served(HEALTH) as port:
        assert (await asyncio.to_thread(_ask, port, "/metrics"))[0] == 200


async def test_a_path_that_only_begins_like_an_open_one_is_closed() -> None:
    """`/health/../metrics` is no way round: a path is taken as it is written."""
    async with served(HEALTH, entrance=HERE) as port:
        asked = ("/health/../metrics", "/health/%2e%2e/metrics", "/healthy")
        assert [(await asyncio.to_thread(_ask, port, path))[0] for path in asked] == [404, 404, 401]


@pytest.mark.parametrize(("host", "loopback"), [
    ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
    ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("hub.example", False), ("localhost.example", False),
])
def test_which_addresses_only_this_machine_reaches(host: str, loopback: bool) -> None:
    """A name that resolves to the loopback today may not tomorrow: only `localhost` counts."""
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("given", [
    "kanari", "[]", '["kanari"]', "1", '{"metrics": 1}', '{"metrics": "kanari"}',
    *map(json.dumps, ({"kanari": "k" * 40}, {"metrics": "å" * 40}, {"metrics": "k" * 40, "operator": "k" * 40})),
])
def test_tokens_that_are_none_are_told_by_their_form_alone(given: str, tmp_path: Path) -> None:
    """No JSON, no such role, too short, not ASCII, one token for two roles."""
    (tmp_path / "tokens.json").write_text(given)
    for read in (partial(tokens_of, given), partial(tokens_in, tmp_path / "tokens.json")):
        with pytest.raises(ValueError, match="JSON of roles") as told:
            read()
        assert "kanari" not in str(told.value)
        assert told.value.__cause__ is None


def test_tokens_are_read_from_text_and_from_a_file(tmp_path: Path) -> None:
    """And shown by neither."""
    (tmp_path / "tokens.json").write_text(json.dumps(TOKENS))
    assert tokens_of(json.dumps(TOKENS)) == tokens_in(tmp_path / "tokens.json") == SECRETS
    assert "ttt" not in repr(Entrance(tokens=tokens_in(tmp_path / "tokens.json")))
    with pytest.raises(ValueError, match="JSON of roles"):
        tokens_in(tmp_path / "none")
