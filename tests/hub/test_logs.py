"""The log says what happened, and never a word of a message, an exception or a library."""

import asyncio
import io
import json
import logging
import threading
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from contracts.failures import Outcome
from hub import logs
from hub.logs import ALLOWED, KEYS, Repetitions, writing

CANARY = "Kanari Fjellvåk 13097248022"
Said = Callable[[Callable[[], object]], list[dict[str, Any]]]


@pytest.fixture
def dropped() -> Counter[str]:
    """What was dropped, by kind."""
    return Counter()


@pytest.fixture
def said(dropped: Counter[str]) -> Said:
    """The lines that something writes, read back from JSON; none may hold the canary."""

    def lines_of(something: Callable[[], object]) -> list[dict[str, Any]]:
        stream = io.StringIO()
        with writing(stream=stream, dropped=lambda kind: dropped.update([kind])):
            something()
        written = stream.getvalue()
        assert not any(part in written for part in (CANARY, *CANARY.split(" ")))
        return [json.loads(line) for line in written.splitlines()]

    return lines_of


def _global() -> tuple[object, ...]:
    return logging.Logger.callHandlers, logging.getLogger().level, threading.excepthook, warnings.showwarning


def _raise(fault: Exception, cause: Exception | None = None) -> None:
    raise fault from cause


def test_an_event_is_one_line_of_json(said: Said) -> None:
    """Name, level, logger, time, and the allowed fields."""
    (line,) = said(lambda: logs.get("lanes").info("lane_opened", partition=3, seconds=0.25, outcome=Outcome.SET_ASIDE))
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "lane_opened", "level": "info", "logger": "hub.lanes", "partition": 3, "seconds": 0.25, "outcome": "set aside",
    }


def test_a_key_outside_the_list_is_dropped_and_counted(said: Said, dropped: Counter[str]) -> None:
    """Nobody invents a field in passing."""
    (line,) = said(lambda: logs.get("x").info("read", patient=CANARY, partition=1))
    assert "patient" not in line
    assert line["partition"] == 1
    assert dropped == {"key": 1}


@pytest.mark.parametrize("key", sorted(ALLOWED))
@pytest.mark.parametrize("value", [CANARY, CANARY.split(" ")[2], int(CANARY.split(" ")[2]), [CANARY], {"a": CANARY}, CANARY.encode()])
def test_no_allowed_key_lets_a_person_through(said: Said, dropped: Counter[str], key: str, value: object) -> None:
    """A name, a national id as text or number, a list, a dict, bytes: a value of the wrong shape becomes a star."""
    (line,) = said(lambda: logs.get("x").info("read", **{key: value}))
    assert line[key] == "*"
    assert dropped == {"value": 1}


def test_an_event_that_is_a_sentence_is_unnamed(said: Said, dropped: Counter[str]) -> None:
    """An event's name is a constant, never formatted words."""
    (line,) = said(lambda: logs.get("x").info(f"could not read {CANARY}"))
    assert line["event"] == "unnamed"
    assert dropped == {"event": 1}


def test_an_exception_is_told_by_its_types_and_our_own_lines(said: Said) -> None:
    """Its words may quote a message; its place is what one needs."""

    def fails() -> None:
        try:
            from hub.database_url import for_asyncpg

            for_asyncpg(CANARY)
        except ValueError as fault:
            try:
                _raise(KeyError(CANARY), fault)
            except KeyError:
                logs.get("x").exception("failed")

    (line,) = said(fails)
    assert line["error"] == "KeyError < ValueError"
    assert "at" in line


def test_our_own_lines_are_told_as_file_and_line(said: Said) -> None:
    """Frames of libraries and of tests are left out."""

    def fails() -> None:
        from hub.database_url import for_asyncpg

        try:
            for_asyncpg(CANARY)
        except ValueError as fault:
            logs.get("x").error("failed", exc_info=fault)

    (line,) = said(fails)
    assert line["error"] == "ValueError"
    assert [place.split(":")[0] for place in line["at"]] == ["hub/database_url.py"]


@pytest.mark.parametrize("name", [
    "aiokafka", "aiokafka.consumer.fetcher", "faststream", "uvicorn.error", "uvicorn.access", "asyncio", "sqlalchemy.engine",
    "alembic.runtime.migration", "asyncpg", "py.warnings", "concurrent.futures",
])
def test_a_library_is_told_by_name_and_level_alone(said: Said, dropped: Counter[str], name: str) -> None:
    """Its words are dropped, whatever they are made of."""
    (line,) = said(lambda: logging.getLogger(name).warning("could not send %s to %s", CANARY, {"v": CANARY}))
    assert (line["event"], line["level"], line["logger"]) == ("library", "warning", name)
    assert dropped == {"words": 1}


def test_a_station_below_the_hub_logs_by_the_standard_library(said: Said, dropped: Counter[str]) -> None:
    """It may not know the hub: the event is the message, the fields are `extra`, the sieve is the same."""
    extra = {"partition": 3, "reason": "TimeoutError", "patient": CANARY, "vendor": CANARY}
    (line,) = said(lambda: logging.getLogger("producers.lanes").warning("lane_lost", extra=extra))
    assert (line["event"], line["partition"], line["reason"], line["vendor"]) == ("lane_lost", 3, "TimeoutError", "*")
    assert dropped == {"key": 1, "value": 1}


def test_a_sentence_from_below_is_told_by_its_place(said: Said, dropped: Counter[str]) -> None:
    """The words are dropped; where they were said is a constant."""
    (line,) = said(lambda: logging.getLogger("producers.lanes").warning("lost for %s", CANARY))
    assert line["event"] == "unnamed"
    assert line["at"][0].startswith("hub/test_logs.py:")
    assert dropped == {"event": 1}


def test_a_handler_that_a_library_attaches_later_hears_nothing(said: Said) -> None:
    """FastStream gives its loggers a handler of their own, which prints whole sentences."""
    own, library = io.StringIO(), logging.getLogger("kanarifugl")

    def speaks() -> None:
        library.addHandler(logging.StreamHandler(own))
        library.propagate = False
        library.warning(CANARY)

    try:
        assert len(said(speaks)) == 1
    finally:
        library.handlers.clear()
        library.propagate = True
    assert own.getvalue() == ""


def test_a_librarys_traceback_keeps_its_types_only(said: Said) -> None:
    """`logger.exception` prints the exception's words; here it does not."""

    def fails() -> None:
        try:
            _raise(RuntimeError(CANARY))
        except RuntimeError:
            logging.getLogger("aiokafka").exception(CANARY)

    (line,) = said(fails)
    assert line["error"] == "RuntimeError"


def test_a_line_that_cannot_be_put_together_prints_no_words(said: Said, capsys: pytest.CaptureFixture[str]) -> None:
    """Python's own handler would print the arguments of a wrong format to standard error."""
    (line,) = said(lambda: logging.getLogger("aiokafka").warning("%d %d", CANARY))
    assert line["event"] == "library"
    assert capsys.readouterr().err == ""


def test_a_loggers_name_made_of_a_value_is_a_star(said: Said) -> None:
    """Also a logger's name can be formatted."""
    (line,) = said(lambda: logging.getLogger(f"x {CANARY}").warning("y"))
    assert line["logger"] == "*"


def test_a_warning_a_thread_and_a_task_show_no_words(said: Said) -> None:
    """Python's own hooks would print them to standard error."""

    def fails() -> None:
        warnings.showwarning(CANARY, UserWarning, "x.py", 1)
        thread = threading.Thread(target=lambda: int(CANARY))
        thread.start()
        thread.join()
        loop = asyncio.new_event_loop()
        loop.call_exception_handler({"message": CANARY, "exception": RuntimeError(CANARY)})
        loop.close()

    told = [(line["event"], line.get("error")) for line in said(fails)]
    assert told == [("warned", None), ("uncaught_in_thread", "ValueError"), ("library", "RuntimeError")]


def test_a_library_that_repeats_itself_is_held_back_and_counted() -> None:
    """5 lines a window; the first of the next window tells how many were not written."""
    repetitions, passed = Repetitions(per_window=5, seconds=10), []
    for tick in range(1000):
        record = logging.LogRecord("aiokafka", logging.ERROR, "x", 1, "no broker", None, None)
        record.created = 100 + tick / 90
        if repetitions.filter(record):
            passed.append(getattr(record, "suppressed", None))
    assert passed == [None] * 5 + [895] + [None] * 4


def test_a_level_holds_also_for_loggers_that_have_spoken_before(said: Said) -> None:
    """A logger remembers what is enabled: a stricter block makes it forget."""

    def speaks() -> None:
        logging.getLogger("aiokafka").error("x")
        inner = io.StringIO()
        with writing(level="critical", stream=inner):
            logging.getLogger("aiokafka").error("y")
        assert inner.getvalue() == ""
        logging.getLogger("aiokafka").error("z")

    assert len(said(speaks)) == 2


def test_our_own_lines_are_never_held_back() -> None:
    """Each event of ours is said once and counts."""
    record = logging.LogRecord("hub.lanes", logging.INFO, "x", 1, {"event": "a"}, None, None)
    repetitions = Repetitions(per_window=1)
    assert all(repetitions.filter(record) for _ in range(10))


def test_after_the_block_all_is_as_before() -> None:
    """No global surprise is left behind."""
    before = _global()
    with writing(level="error", stream=io.StringIO()):
        assert _global() != before
    assert _global() == before


def test_the_console_form_hides_the_same() -> None:
    """For people at a terminal, through the same sieve."""
    stream = io.StringIO()
    with writing(form="console", stream=stream):
        logs.get("x").warning("held", partition=3, patient=CANARY)
    assert "held" in stream.getvalue()
    assert "partition" in stream.getvalue()
    assert "Kanari" not in stream.getvalue()


def test_every_key_has_a_shape_that_is_bounded() -> None:
    """An unbounded shape would let a whole message through."""
    assert not any(shape.fullmatch("a" * 500) or shape.fullmatch("1" * 500) for shape in KEYS.values())
