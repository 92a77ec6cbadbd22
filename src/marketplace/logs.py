"""Structured logs: one JSON line an event, with the request id and never a personal value.

An error is logged by its class and its place. Its text is not: a database error quotes the row
it refused, and with it somebody's name or address.
"""

import logging
import sys
import traceback
from types import TracebackType

import structlog

from marketplace import paths

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(level: str = "info", *, human: bool = False) -> None:
    """Send our logs and those of libraries to stderr as JSON lines (or readable ones)."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_text,
    ]
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer()
    )
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Give a logger."""
    return structlog.get_logger(name)


def _without_text(
    logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Replace an exception by its class, what PostgreSQL calls it, and where it came from."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else _present(given)
    if error is None:
        return event
    event["error"] = type(error).__name__
    for name in ("sqlstate", "constraint_name"):
        if value := getattr(error, name, None):
            event[name] = value
    event["trace"] = [
        f"{frame.filename.removeprefix(str(paths.PACKAGE) + '/')}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    return event


def _present(given: _ExcInfo | bool | None) -> BaseException | None:
    if isinstance(given, tuple):
        return given[1]
    return sys.exc_info()[1] if given else None
