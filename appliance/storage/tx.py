"""The transaction an action's body works in: who acts, how far he reaches, what he touched."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from appliance.domain.access import Actor
from appliance.domain.events import Event
from appliance.domain.grants import Access, Grant, Scope
from appliance.errors import Denied
from appliance.storage.engine.database import Database
from appliance.vault.envelope import CellRef
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault

S = TypeVar("S", bound=msgspec.Struct)

_encoder = msgspec.msgpack.Encoder()
_decoders: dict[type[Any], msgspec.msgpack.Decoder[Any]] = {}


def _decoder(kind: type[S]) -> "msgspec.msgpack.Decoder[S]":
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    return decoder


def _nobody(_actor: Actor, _topics: Collection[str]) -> None:
    """Stands in until pages listen."""


def _nothing() -> None:
    """Stands in until somebody delivers events."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class House:
    """What actions work on; one per process, installed by boot (or by a test).

    Attributes:
        told: hears at once after an action's commit, on the loop, which records it changed
            (`Tx.topics`). Lost with the process: what must not be lost is an event.
        posted: hears, on the loop, that a commit left events in the outbox.
        zone: the box's own: which day it is, for rules that speak of days.
        read_only: a restored box that waits to be confirmed: people look, nothing is changed.
    """

    database: Database
    vault: Vault
    index: SearchIndex
    clock: Callable[[], datetime] = _utc_now
    told: Callable[[Actor, Collection[str]], None] = _nobody
    posted: Callable[[], None] = _nothing
    zone: tzinfo = UTC
    read_only: bool = False


class Drawn(NamedTuple):
    """Numbers of change entries that a deed drew for one record, both ends included."""

    entity: str
    entity_number: int
    first: int
    last: int


class Tx:
    """Made by the gate alone; a house test holds that list.

    Attributes:
        now: the moment of the action, aware UTC; bodies ask no clock.
        grant: how far the actor's permission for this action reaches.
        subjects: person → names of the fields that were opened or written.
        cells: `table.column.row` → hex SHA-256 of each cell written, for the log's deep check.
        deed: name of the action.
        drawn: change entries written so far, by which the deed can be taken back.
        undo: id of the undo set these belong to; None: a new one, if a colleague acts.
        undoes: the undo set that this deed takes back.
        topics: what open pages may want to read anew: `order` for every list of orders,
            `order:<id>` for one.
        payload: old and new values and reasons for the log's sealed part.
        redacts: number in the erasure ledger and the person whose earlier payloads the log gives
            up with this deed.
    """

    __slots__ = (
        "actor",
        "cells",
        "deed",
        "drawn",
        "events",
        "grant",
        "held",
        "index",
        "now",
        "object_id",
        "object_type",
        "payload",
        "payload_subject",
        "purpose",
        "redacts",
        "subjects",
        "topics",
        "undo",
        "undoes",
        "vault",
    )

    def __init__(
        self, actor: Actor, grant: Grant, vault: Vault, index: SearchIndex, now: datetime
    ) -> None:
        self.actor = actor
        self.grant = grant
        self.vault = vault
        self.index = index
        self.now = now
        self.events: list[Event] = []
        self.held: dict[int, datetime] = {}
        self.subjects: dict[UUID, set[str]] = {}
        self.topics: set[str] = set()
        self.cells: dict[str, str] = {}
        self.payload: dict[str, Any] = {}
        self.payload_subject: UUID | None = None
        self.object_type = ""
        self.object_id: UUID | None = None
        self.purpose = ""
        self.deed = ""
        self.drawn: list[Drawn] = []
        self.undo: UUID | None = None
        self.undoes: UUID | None = None
        self.redacts: tuple[int, UUID] | None = None

    def under(self, permission: str) -> None:
        """Go on by another of the actor's own grants: its scope and fields hold from here.

        For deeds about records of several kinds, each of which asks for its own permission.

        Raises:
            Denied: his roles do not give it.
        """
        grant = self.actor.grants.get(permission)
        if grant is None or grant.scope is Scope.NONE:
            raise Denied(message=f"{self.deed} needs {permission}")
        self.grant = grant

    def emit(self, event: Event, at: datetime | None = None) -> None:
        """Tell every subscriber, in this transaction; `at`: not before that moment."""
        self.events.append(event)
        if at is not None:
            self.held[len(self.events) - 1] = at

    def unemit(self, count: int) -> None:
        """Have nobody told of what was emitted after the first `count`: that part was undone."""
        del self.events[count:]
        self.held = {at: moment for at, moment in self.held.items() if at < count}

    def concern(self, noun: str, record: UUID | None) -> None:
        """Have the open pages of this record, and lists of its kind, read anew after the commit."""
        if record is not None:
            self.topics |= {noun, f"{noun}:{record}"}

    def about(self, object_type: str, object_id: UUID | None) -> None:
        """Name the record this deed is about, for the log."""
        self.object_type, self.object_id = object_type, object_id

    def may(self, field: str) -> Access:
        """How the actor may see a personal field."""
        return self.grant.access(field)

    def touch(self, subject: UUID, *fields: str) -> None:
        """Note that fields of a person were opened or written."""
        known = self.subjects.get(subject)
        if known is None:
            self.subjects[subject] = set(fields)
        else:
            known.update(fields)

    def seal(
        self,
        table: str,
        column: str,
        row: UUID,
        subject: UUID,
        record: msgspec.Struct,
        *fields: str,
    ) -> bytes:
        """Encrypt one record under its person's key and note it."""
        cell = self.vault.seal_cell(CellRef(table, column, row, subject), _encoder.encode(record))
        self.touch(subject, *fields)
        self.cells[f"{table}.{column}.{row}"] = sha256(cell).hexdigest()
        return cell

    def open(
        self,
        table: str,
        column: str,
        row: UUID,
        subject: UUID,
        cell: bytes,
        kind: type[S],
        *fields: str,
    ) -> S:
        """Note and decrypt one record.

        Raises:
            Damaged: the bytes do not authenticate.
            Destroyed: the person's key is gone.
            Sealed: the vault is locked.
        """
        self.touch(subject, *fields)
        plain = self.vault.open_cell(CellRef(table, column, row, subject), cell)
        return _decoder(kind).decode(plain)

    def reseal(
        self, table: str, column: str, row: UUID, was: UUID, became: UUID, cell: bytes
    ) -> bytes:
        """Put a cell under another person's key, whatever is in it, and note it.

        Raises:
            Damaged, Destroyed, Sealed: see `open`.
        """
        plain = self.vault.open_cell(CellRef(table, column, row, was), cell)
        fresh = self.vault.seal_cell(CellRef(table, column, row, became), plain)
        self.cells[f"{table}.{column}.{row}"] = sha256(fresh).hexdigest()
        return fresh
