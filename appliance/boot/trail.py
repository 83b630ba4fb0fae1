"""What a colleague opened and took out, from the log: for the day he goes."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from appliance.actions import dismissal
from appliance.audit import reading
from appliance.audit.entry import Leaf
from appliance.boot.house import AUDIT_FILE
from appliance.domain.access import Actor
from appliance.domain.dismissal import TrailLine

if TYPE_CHECKING:
    from appliance.boot.house import OpenHouse

PAGE: Final = 5_000
TOOK_OUT: Final = ("exports.", "export_rows.", "dossiers.", "papers.")


@dataclass
class _Seen:
    times: int = 0
    first: int = 0
    last: int = 0
    fields: set[str] = field(default_factory=set[str])

    def add(self, at: int) -> None:
        self.times += 1
        self.first = min(self.first or at, at)
        self.last = max(self.last, at)


@dataclass
class _Trail:
    clients: dict[UUID, _Seen] = field(default_factory=dict[UUID, _Seen])
    deeds: dict[str, _Seen] = field(default_factory=dict[str, _Seen])

    def add(self, leaf: Leaf) -> None:
        self.deeds.setdefault(leaf.action, _Seen()).add(leaf.at)
        for one in leaf.subjects:
            seen = self.clients.setdefault(UUID(one.subject), _Seen())
            seen.add(leaf.at)
            seen.fields.update(one.fields)


class Trails:
    """Reads the log beside the loop; the gate notes who looked."""

    def __init__(self, opened: "OpenHouse") -> None:
        self._opened = opened

    async def of(self, actor: Actor, number: int, days: int) -> dict[str, Any]:
        """Who, since when, and lines: what was taken out, clients opened, all deeds.

        Raises:
            HouseError: as `dismissal.ask_trail` and `reading.page`.
        """
        since = datetime.now(UTC) - timedelta(days=days)
        passed = await dismissal.ask_trail(actor, number, since)
        await self._opened.drain_log()
        path = self._opened.config.data / AUDIT_FILE
        found = await asyncio.to_thread(_read, path, str(passed.id), since)
        numbers: dict[UUID, int] = {}
        people = list(found.clients)
        for start in range(0, len(people), PAGE):
            numbers |= await dismissal.name_clients(actor, people[start : start + PAGE])
        return {
            "login": passed.login,
            "since": since.isoformat(),
            "lines": msgspec.to_builtins(list(_lines(found, numbers))),
        }


def _read(path: Path, actor: str, since: datetime) -> _Trail:
    found, before = _Trail(), None
    asked = reading.Query(actor=actor, since=int(since.timestamp() * 1000), limit=PAGE)
    while True:
        page = reading.page(path, asked._replace(before=before))
        for leaf in page.leaves:
            if leaf.result == "done":
                found.add(leaf)
        before = page.after
        if before is None:
            return found


def _lines(found: _Trail, numbers: dict[UUID, int]) -> Iterator[TrailLine]:
    for name, seen in sorted(found.deeds.items()):
        if name.startswith(TOOK_OUT):
            yield _line("export", name, seen)
    for subject, seen in sorted(found.clients.items(), key=lambda one: -one[1].last):
        if subject in numbers:
            yield _line("client", str(numbers[subject]), seen)
    for name, seen in sorted(found.deeds.items()):
        yield _line("deed", name, seen)


def _line(what: str, name: str, seen: _Seen) -> TrailLine:
    first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (seen.first, seen.last))
    fields = ", ".join(sorted(seen.fields))
    return TrailLine(what=what, name=name, fields=fields, times=seen.times, first=first, last=last)
