"""One log line per event, from an allow-list of keys and shapes. Never a word of a message, of an exception or of a library.

Whatever is logged, by us or by a library, goes through one formatter. Ours: the event's name is a constant, each key must be in `KEYS`
and its value of that key's shape. The stations below the hub use the standard library's logging, with the event as message and the
fields as `extra`, and go through the same sieve. A library's: the logger's name and the level, its words dropped. An exception: its types
and our own lines. What was dropped is counted. A library that repeats itself is held back: a worker without a broker would write 38 kB
a second.
"""

import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Final, TextIO

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, Processor

from contracts.failures import Outcome
from hub.faults import OURS, own_lines, type_names

Drop = Callable[[str], None]
"""Told the kind of thing that was dropped: `event`, `key`, `value` or `words`."""

_PER_WINDOW: Final = 5
_WINDOW_SECONDS: Final = 10.0

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_CODE: Final = re.compile(r"[A-Za-z0-9]{1,6}|(transport|abuse):[a-z-]{1,40}")
_PATH: Final = re.compile(r"(/[A-Za-z*][A-Za-z0-9]{0,39}(\[\d{1,4}\])?){1,40}")
_TOPIC: Final = re.compile(r"(?!.*\d{11})[a-z0-9][a-z0-9.-]{0,120}")
_CASE: Final = re.compile(r"[a-z0-9]{1,8}\.[0-9a-f]{32}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OUTCOME: Final = re.compile("|".join(Outcome))
_SERVER: Final = re.compile(r"(?!.*\d{11})[A-Za-z0-9.\[\]:,-]{1,200}")
_NUMBER: Final = re.compile(r"-?\d{1,10}(\.\d{1,9})?")

KEYS: Final[Mapping[str, re.Pattern[str]]] = {
    "attempt": _NUMBER, "bootstrap": _SERVER, "bytes": _NUMBER, "case": _CASE, "code": _CODE, "command": _WORD, "command_id": _UUID,
    "count": _NUMBER, "event_id": _UUID, "fault": _NAME, "group": _TOPIC, "host": _SERVER, "lane": _NUMBER, "leniency": _WORD,
    "letter": _UUID, "line": _NUMBER, "msg_id": _UUID, "offset": _NUMBER, "outcome": _OUTCOME, "partition": _NUMBER, "path": _PATH,
    "pid": _NUMBER, "port": _NUMBER, "process": _WORD, "reason": _WORD, "records": _NUMBER, "revision": _NUMBER, "route": _WORD,
    "rule": _WORD, "seconds": _NUMBER, "signal": _WORD, "state": _NAME, "status": _NUMBER, "step": _NAME, "topic": _TOPIC,
    "vendor": _TOPIC, "version": _WORD, "wait": _NUMBER, "worker": _NUMBER,
}
"""Every key a line may hold, and the shape of its value. A new key is a decision: may it ever hold a person's words or number?"""
ALLOWED: Final = frozenset(KEYS)
_OF_EVERY_RECORD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "suppressed", "taskName"}


def get(name: str) -> BoundLogger:
    """A logger of our own, with processors of its own: structlog's global configuration is neither read nor changed."""
    logger = structlog.wrap_logger(
        logging.getLogger(f"hub.{name}"), processors=[ProcessorFormatter.wrap_for_formatter], wrapper_class=BoundLogger,
    )
    bound: BoundLogger = logger.bind()
    return bound


@contextmanager
def writing(
    *, level: str = "info", form: str = "json", stream: TextIO | None = None, dropped: Drop = lambda _: None
) -> Iterator[None]:
    """Write every logger's lines to `stream` (standard error) as `json` or for a `console`, until the block ends; then all is as before."""
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_formatter(form, dropped))
    handler.addFilter(Repetitions())
    handler.setLevel(level.upper())
    root = logging.getLogger()
    before = (logging.Logger.callHandlers, root.level)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning)
    setattr(logging.Logger, "callHandlers", _to(handler))  # noqa: B010 - a type checker takes the assignment for a slip
    root.setLevel(level.upper())  # loggers remember what is enabled: only setLevel makes them forget
    _hook_exceptions()
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = hooks
        setattr(logging.Logger, "callHandlers", before[0])  # noqa: B010 - as above
        root.setLevel(before[1])


def _to(handler: logging.Handler) -> Callable[[logging.Logger, logging.LogRecord], None]:
    """Every record to this handler alone: libraries attach handlers of their own, at any time (FastStream's prints a message's words)."""

    def only(_: logging.Logger, record: logging.LogRecord) -> None:
        if record.levelno >= handler.level:
            handler.handle(record)

    return only


class _Handler(logging.StreamHandler[TextIO]):
    """Python's own would print a record that cannot be written to standard error, with its words."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the standard library's signature
        return


class Repetitions(logging.Filter):
    """Lets a library's logger say so many things a window; the first line after that tells how many were held back. Ours pass."""

    def __init__(self, per_window: int = _PER_WINDOW, seconds: float = _WINDOW_SECONDS) -> None:
        super().__init__()
        self._per_window, self._seconds = per_window, seconds
        self._windows: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written. The record's own time is the clock."""
        if _is_ours(record):
            return True
        begun, said = self._windows.get(record.name, (record.created, 0))
        if record.created - begun >= self._seconds:
            record.suppressed = max(0, said - self._per_window)
            begun, said = record.created, 0
        self._windows[record.name] = (begun, said + 1)
        return said < self._per_window


def _formatter(form: str, dropped: Drop) -> ProcessorFormatter:
    if form == "json":
        render: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        render = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    return ProcessorFormatter(
        processors=[_Sieve(dropped), structlog.processors.TimeStamper(fmt="iso", utc=True), render],
        use_get_message=False,  # a library's words are not even put together
    )


class _Sieve:
    """Makes a new event of what may be said; nothing of the old one survives by default."""

    def __init__(self, dropped: Drop) -> None:
        self._dropped = dropped

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> EventDict:
        record: logging.LogRecord = event["_record"]
        said = self._own(event) if event["_from_structlog"] else self._plain(record)
        said |= {"level": record.levelname.lower(), "logger": record.name if _WORD.fullmatch(record.name) else "*"}
        if suppressed := getattr(record, "suppressed", 0):
            said["suppressed"] = suppressed
        return {**said, **_exception(event.get("exc_info"))}

    def _own(self, event: Mapping[str, Any]) -> dict[str, Any]:
        given = {key: value for key, value in event.items() if key not in ("event", "exc_info", "_record", "_from_structlog")}
        said = {key: self._shaped(key, value) for key, value in given.items() if key in ALLOWED}
        self._count("key", len(given) - len(said))
        return {"event": self._event(event.get("event"))} | said

    def _plain(self, record: logging.LogRecord) -> dict[str, Any]:
        if not _is_ours(record):
            self._dropped("words")
            return {"event": "library"}
        # the stations below know no structlog: a constant name as the message, the fields as `extra`
        said = self._own({key: value for key, value in vars(record).items() if key not in _OF_EVERY_RECORD} | {"event": record.msg})
        return said | ({"at": [_call_site(record)]} if said["event"] == "unnamed" else {})

    def _event(self, name: object) -> str:
        if isinstance(name, str) and _NAME.fullmatch(name):
            return name
        self._dropped("event")
        return "unnamed"

    def _shaped(self, key: str, value: object) -> object:
        value = value.value if isinstance(value, Enum) else value
        if value is None or isinstance(value, bool):
            return value
        # a number is judged like words: eleven digits are a national id also as an int
        if isinstance(value, str | int | float) and KEYS[key].fullmatch(_spelt(value)):
            return value
        self._dropped("value")
        return "*"

    def _count(self, kind: str, times: int) -> None:
        for _ in range(times):
            self._dropped(kind)


def _spelt(value: str | int | float) -> str:
    return f"{value:.9f}" if isinstance(value, float) else str(value)


def _exception(info: object) -> dict[str, Any]:
    fault = _fault(info)
    return {"error": type_names(fault), "at": own_lines(fault.__traceback__)} if fault else {}


def _fault(info: object) -> BaseException | None:
    if isinstance(info, tuple):
        info = info[1]
    if isinstance(info, BaseException):
        return info
    return sys.exc_info()[1] if info else None


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


def _call_site(record: logging.LogRecord) -> str:
    return f"{Path(record.pathname).parent.name}/{Path(record.pathname).name}:{record.lineno}"


def _hook_exceptions() -> None:
    # Python's own hooks print an exception's or a warning's words
    log = get("process")
    sys.excepthook = lambda _, fault, __: log.critical("uncaught", exc_info=fault)
    threading.excepthook = lambda given: log.critical("uncaught_in_thread", exc_info=given.exc_value)
    sys.unraisablehook = lambda given: log.error("unraisable", exc_info=given.exc_value)
    warnings.showwarning = lambda _, kind, *__: log.warning("warned", reason=kind.__name__)
