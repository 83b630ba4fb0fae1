"""What was entered since a copy was made: said before a restore takes it away.

Numbers and times stand in the clear, so the live database tells it without a key; where it does
not open, or is another engine's, the log tells which records were touched since.
"""

import json
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.actions._gate import ACTIONS
from appliance.cli.texts import translate
from appliance.domain.backups import ENTERED, MOST_NUMBERS, NUMBERED, Since, spans
from appliance.errors import HouseError
from backups import snapshot

TABLES: Final = {
    "orders": "orders",
    "customers": "customer",
    "payments": "payment",
    "deals": "deal",
    "shipments": "shipment",
    "tasks": "task",
}
OBJECTS: Final = {**{table: kind for kind, table in TABLES.items()}, "order": "orders"}
"""How the log calls them."""

WORDS: Final = {
    "orders": "заказы",
    "customers": "клиенты",
    "payments": "оплаты",
    "deals": "сделки",
    "shipments": "отгрузки",
    "tasks": "задачи",
}


def entered(data: Path, moment: datetime, audit_size: int, *, is_here: bool = True) -> Since | None:
    """What the box of a folder got after a copy; None: neither its data nor its log can be read.

    Args:
        data: the folder; nothing of it runs.
        moment: when the copy was begun, aware UTC.
        audit_size: entries of the log that the copy knows.
        is_here: the data are a file of this folder, not another engine's.
    """
    if is_here:
        try:
            return _by_rows(data / snapshot.MAIN, moment)
        except sqlite3.Error:
            pass
    try:
        return _by_log(data / snapshot.AUDIT, audit_size)
    except (sqlite3.Error, ValueError, KeyError):
        return None


def _by_rows(main: Path, moment: datetime) -> Since:
    numbers: dict[str, tuple[int, ...]] = {}
    counts: dict[str, int] = {}
    with closing(_opened(main)) as database:
        for kind, table in TABLES.items():
            rows = database.execute(
                f"SELECT number FROM {table} WHERE created_at > ? ORDER BY number DESC",  # noqa: S608 - names are ours
                (moment.astimezone(UTC).isoformat(timespec="microseconds"),),
            ).fetchall()
            counts[kind] = len(rows)
            if kind in NUMBERED:
                numbers[kind] = tuple(row[0] for row in rows[:MOST_NUMBERS])
    return msgspec.convert({**counts, "numbers": numbers}, Since)


def _by_log(audit: Path, size: int) -> Since:
    touched: dict[str, set[str]] = {kind: set() for kind in ENTERED}
    with closing(_opened(audit)) as log:
        for (leaf,) in log.execute("SELECT leaf FROM event WHERE seq > ?", (size,)):
            entry: dict[str, Any] = json.loads(leaf)
            kind = OBJECTS.get(str(entry.get("object_type", "")))
            known = ACTIONS.get(str(entry["action"]))
            is_reading = known is not None and known.reads
            if kind and entry["result"] == "done" and not is_reading:
                touched[kind].add(str(entry.get("object_id", "")))
    counts = {kind: len(found) for kind, found in touched.items()}
    return msgspec.convert({**counts, "by_log": True}, Since)


def _opened(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise sqlite3.OperationalError("no such file")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def of_answer(answer: Mapping[str, Any]) -> Since:
    """What the running box told."""
    return msgspec.convert(answer, Since)


def told(since: Since | None) -> str:
    """In words, a line for each kind."""
    if since is None:
        return translate("Что внесено после копии, узнать нельзя: данные и журнал не читаются.")
    if since.is_nothing:
        return translate("После этой копии ничего не внесено.")
    head = "По журналу, после копии внесено или изменено" if since.by_log else "Пропадёт внесённое"
    lines = [f"{translate(head)}:"]
    for kind in ENTERED:
        if count := getattr(since, kind):
            lines.append(f"  {translate(WORDS[kind])}: {count}{_numbers(since, kind)}")
    return "\n".join(lines)


def _numbers(since: Since, kind: str) -> str:
    shown, _ = spans(since.numbers.get(kind, ()))
    if not shown:
        return ""
    more = ", …" if _left_out(since, kind) else ""
    return f" (№ {shown}{more})"


def _left_out(since: Since, kind: str) -> bool:
    numbers = since.numbers.get(kind, ())
    return bool(spans(numbers)[1]) or len(numbers) < getattr(since, kind)


def must_be_wanted(since: Since | None, *, quiet: bool, is_said: bool) -> None:
    """Say it; a person at a terminal is asked, too.

    Args:
        since: what would be lost.
        quiet: a program reads the answer: nothing is printed.
        is_said: whoever asked has already said yes.

    Raises:
        HouseError: `restore_not_wanted`.
    """
    if quiet:
        return
    sys.stderr.write(f"{told(since)}\n")
    sys.stderr.flush()
    if is_said or not sys.stdin.isatty() or (since is not None and since.is_nothing):
        return
    sys.stderr.write(f"{translate('Вернуть данные из копии? Наберите «да»')}: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in (translate("да"), "yes"):
        raise HouseError("restore_not_wanted")
