"""The process's own log: one JSON object a line on standard error, ids and codes only."""

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType

from appliance.errors import HouseError

log = logging.getLogger(__name__)

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as JSON; what `extra` carries becomes keys. A traceback keeps no values."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line |= {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            # Texts of errors that are not the house's own may quote people.
            line["text"] = str(error) if isinstance(error, HouseError) else ""
            frames = traceback.extract_tb(error.__traceback__)
            line["trace"] = [f"{one.filename}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    text = record.getMessage()
    # asyncio puts the failed task below, and with it the text of whatever error ended it.
    return text.partition("\n")[0] if record.name == "asyncio" else text


def _died(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("ended by an error", exc_info=(kind, error, trace))


def _thread_died(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None:
        _died(given.exc_type, given.exc_value, given.exc_traceback)


def configure(level: str) -> None:
    """Send every record to standard error; libraries speak from warnings on.

    What Python itself would print of an error goes the same way, for it prints texts and values.
    """
    logging.raiseExceptions = False  # a record that cannot be written would be printed with values
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = _died, _thread_died
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("apscheduler", "httpx", "asyncio", "uvicorn", "_granian", "granian"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
