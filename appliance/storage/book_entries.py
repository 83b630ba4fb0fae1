"""Documents of accounting bases, and what of ours they became or stand for."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.storage.statements import fetch, fetch_one, insert, update_row
from appliance.storage.tables import BookEntryRow
from appliance.storage.tx import Tx

MONEY: Final = "money"
GOODS: Final = "goods"
BACK: Final = "back"
"""Goods that came back: the shipment that they were of is cancelled."""
RETURN: Final = "return"
"""Goods that came back: a document of stock took them in."""
STANDS: Final = "stands"
WITHDRAWN: Final = "withdrawn"
DISPUTED: Final = "disputed"


class BookEntry(NamedTuple):
    """A document as it was heard last.

    Attributes:
        key: as its base names it.
        object_number: of the payment, shipment or document of stock; 0: it stands for none.
        made: that was made by it, not found here.
        said: its sum or lines, in a short form.
        state: stands, withdrawn, disputed.
    """

    id: UUID
    plugin: str
    key: str
    order_id: UUID
    kind: str
    object_number: int
    made: bool
    said: str
    state: str
    at: Any


_COLUMNS = ", ".join(BookEntry._fields)


async def find(plugin: str, key: str) -> BookEntry | None:
    """By the key of the base."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM book_entry WHERE plugin = {{}} AND key = {{}}", plugin, key
    )
    return None if row is None else BookEntry(*row)._replace(made=bool(row[6]))


async def taken(order_id: UUID, kind: str) -> frozenset[int]:
    """Numbers of the order's payments (or shipments) that some document stands for already."""
    rows = await fetch(
        "SELECT object_number FROM book_entry WHERE order_id = {} AND kind = {} AND state <> {}",
        order_id,
        kind,
        WITHDRAWN,
    )
    return frozenset(row[0] for row in rows)


async def keep(
    tx: Tx,
    known: BookEntry | None,
    *,
    plugin: str,
    key: str,
    order_id: UUID,
    kind: str,
    number: int,
    made: bool,
    said: str,
) -> None:
    """Note what a document became; one that was withdrawn and came again begins anew."""
    values: dict[str, Any] = {
        "kind": kind,
        "object_number": number,
        "made": made,
        "said": said,
        "state": STANDS,
        "at": tx.now,
    }
    if known is not None:
        await update_row(BookEntryRow, known.id, **values)
        return
    ids: dict[str, Any] = {"id": uuid7(), "plugin": plugin, "key": key, "order_id": order_id}
    await insert(BookEntryRow, **ids, **values)


async def turn(tx: Tx, known: BookEntry, state: str, said: str | None = None) -> None:
    """Note that a document was withdrawn, is disputed, or says something else."""
    await update_row(
        BookEntryRow, known.id, state=state, said=known.said if said is None else said, at=tx.now
    )
