"""The process's log holds ids and codes; texts of errors that are not ours stay out of it."""

import asyncio
import gc
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.boot import logs
from appliance.errors import Unavailable

NAME = "Канарейкина"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What reaches standard error of a configured process."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    raises = logging.raiseExceptions
    logs.configure("info")
    yield written
    logging.captureWarnings(False)
    root.handlers[:], root.level = before[0], before[1]
    sys.excepthook, threading.excepthook = before[2], before[3]
    logging.raiseExceptions = raises


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_foreign_errors_text_is_left_out_and_its_place_is_kept(printed: io.StringIO) -> None:
    try:
        raise ValueError(f"no such thing: {NAME}")
    except ValueError:
        logging.getLogger("a").exception("order 7 failed")
    (line,) = lines(printed.getvalue())
    assert (line["message"], line["error"], line["text"]) == ("order 7 failed", "ValueError", "")
    assert "test_logs.py" in line["trace"][-1]


def test_the_houses_own_errors_are_told(printed: io.StringIO) -> None:
    try:
        raise Unavailable("disk_full", "errno 28")
    except Unavailable:
        logging.getLogger("a").exception("failed", extra={"order": 7})
    (line,) = lines(printed.getvalue())
    assert (line["text"], line["order"]) == ("errno 28", 7)


def test_a_task_that_nobody_asked_after_tells_no_text(printed: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(NAME)

    async def run() -> None:
        task = asyncio.create_task(fail())
        await asyncio.wait([task])

    asyncio.run(run())
    gc.collect()
    text = printed.getvalue()
    assert "never retrieved" in text and "ValueError" in text
    assert NAME not in text and NAME not in json.dumps(lines(text), ensure_ascii=False)


def test_a_thread_and_a_process_that_die_tell_no_text(printed: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(NAME)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    text = printed.getvalue()
    assert [line["error"] for line in lines(text)] == ["ValueError"] * 2
    assert NAME not in text


def test_a_record_that_cannot_be_written_is_not_printed_with_its_values(
    printed: io.StringIO,
) -> None:
    logging.getLogger("a").warning("order %d", NAME)
    assert NAME not in printed.getvalue()


def test_warnings_come_as_lines_too(printed: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old setting", stacklevel=1)
        logging.captureWarnings(False)
    (line,) = lines(printed.getvalue())
    assert line["logger"] == "py.warnings"


def test_talkative_libraries_speak_from_warnings_on(printed: io.StringIO) -> None:
    logging.getLogger("httpx").info("GET https://example.ru/?phone=1")
    assert printed.getvalue() == ""
