"""Invented clients, and looks past the gate at what was written of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from appliance.actions import _gate, customers
from appliance.boot.index import IndexKeeper
from appliance.domain.access import Actor
from appliance.domain.customers import ContactDraft, ContactKind, CustomerDraft
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.storage.engine.connections import Lease
from appliance.storage.engine.postgres import PostgresLease
from appliance.storage.engine.sqlite_lease import SqliteLease
from appliance.storage.feed import PersonalChange
from appliance.vault.envelope import CellRef
from tests.house_fixture import SHOP, START, TestHouse

PHONE = "8 (912) 000-12-34"
EMAIL = "Anna@Example.ru"
ASKED = Purpose(code=PurposeCode.CALLBACK, basis=LegalBasis.CONTRACT, source="phone", since=START)


def phone(typed: str) -> ContactDraft:
    return ContactDraft(kind=ContactKind.PHONE, value=Personal(typed))


def email(typed: str) -> ContactDraft:
    return ContactDraft(kind=ContactKind.EMAIL, value=Personal(typed))


def draft(external_id: str | None = None, **changes: Any) -> CustomerDraft:
    """Anna Sukhova, who asked to be called back."""
    values: dict[str, Any] = {
        "shop": SHOP,
        "external_id": external_id,
        "first_name": Personal("Анна"),
        "last_name": Personal("Сухова"),
        "contacts": (email(EMAIL), phone(PHONE)),
        "purposes": (ASKED,),
    }
    return CustomerDraft(**(values | changes))


def ref(number: int) -> CustomerRef:
    return CustomerRef(number=number)


async def added(house: TestHouse, actor: Actor | None = None, **changes: Any) -> customers.Added:
    """Add one as the house, or as somebody who then leads the client."""
    return await customers.create(actor or house.system, draft(**changes))


async def entries(house: TestHouse, number: int) -> list[tuple[Any, ...]]:
    """History of a client after its creation: (field, old, new), personal values opened."""
    found: list[tuple[Any, ...]] = []
    for row in await house.rows(
        "SELECT id, field, old_value, new_value, personal, subject_id FROM change_entry "
        "WHERE entity = 'customer' AND entity_number = {} AND kind = 'change' ORDER BY number",
        number,
    ):
        row_id, field, old, new, cell, subject = row
        if cell is None:
            found.append((field, _read(old), _read(new)))
            continue
        assert (old, new) == (None, None)
        place = CellRef("change_entry", "personal", row_id, subject)  # type: ignore[arg-type]
        blob = msgspec.msgpack.decode(house.vault.open_cell(place, cell), type=PersonalChange)  # type: ignore[arg-type]
        found.append((field, blob.old, blob.new))
    return found


def _read(text: Any) -> Any:
    return None if text is None else msgspec.json.decode(text)


async def leaves(house: TestHouse) -> list[dict[str, Any]]:
    """What waits for the log, oldest first."""
    rows = await house.rows("SELECT leaf FROM audit_outbox ORDER BY id")
    return [msgspec.json.decode(bytes(row[0])) for row in rows]  # type: ignore[arg-type]


async def indexed(folder: Path) -> IndexKeeper:
    """An index over everything there is so far."""
    keeper = IndexKeeper(_gate.house(), folder / "search.idx")
    await keeper.rebuild()
    return keeper


@contextmanager
def counted_statements(monkeypatch: Any) -> Iterator[list[str]]:
    """Collect the texts of statements that bodies run."""
    seen: list[str] = []

    def watch(lease: type[Lease]) -> None:
        run = lease.rows

        async def rows(self: Any, sql: str, args: Any) -> Any:
            seen.append(sql)
            return await run(self, sql, args)

        monkeypatch.setattr(lease, "rows", rows)

    with monkeypatch.context() as monkeypatch:  # noqa: PLR1704  the narrower one from here on
        watch(SqliteLease)
        watch(PostgresLease)
        yield seen
