"""What becomes of a person's rows when he is destroyed: which go, which stay without him.

Driven by `owned.OWNED`, the list that a merge moves: a house test holds that every part of it has
a fate here, and every sealed or indexed column a category. Money, goods and statuses stay.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from appliance.storage import files, moving
from appliance.storage.moving import Owner, chunks
from appliance.storage.owned import OWNED, Owned
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tables import FileRow
from appliance.storage.tx import Tx


class Fate(StrEnum):
    """What happens to rows of one part."""

    GONE = "gone"  # deleted
    BLANK = "blank"  # sealed columns become NULL; the rest of the row is a fact and stays
    STAY = "stay"  # nothing personal in it


FATES: Final[Mapping[str, Fate]] = {
    "contact.customer_id": Fate.GONE,
    "address.owner_id": Fate.GONE,
    "requisites.customer_id": Fate.GONE,
    "corporate_part.customer_id": Fate.GONE,
    "cart.customer_id": Fate.GONE,
    "consent.customer_id": Fate.GONE,
    "customer_date.customer_id": Fate.GONE,
    "owner_request.customer_id": Fate.GONE,
    "supplier_price.supplier_id": Fate.STAY,
    "stock_document.supplier_id": Fate.STAY,
    "purpose.customer_id": Fate.GONE,
    "tag.customer_id": Fate.GONE,
    "company_contact.company_id": Fate.GONE,
    "company_contact.customer_id": Fate.GONE,
    "orders.customer_id": Fate.BLANK,
    "orders.payer_id": Fate.STAY,
    "deal.customer_id": Fate.BLANK,
    "deal.company_id": Fate.STAY,
    "order_line.order_id": Fate.BLANK,
    "payment.order_id": Fate.BLANK,
    "order_link.order_id": Fate.BLANK,
    "coupon_use.customer_id": Fate.STAY,
    "account_entry.customer_id": Fate.STAY,
    "task.customer_id": Fate.BLANK,
    "timeline_entry.customer_id": Fate.BLANK,
    "call.customer_id": Fate.BLANK,
    "file.subject_id": Fate.GONE,
    "letter.customer_id": Fate.BLANK,
    "message.customer_id": Fate.BLANK,
    "custom_cell.entity_id": Fate.GONE,
    "plugin_row.customer_id": Fate.GONE,
    "custom_token.entity_id": Fate.GONE,
    "custom_value.entity_id": Fate.GONE,
    "change_entry.subject_id": Fate.BLANK,
}
"""Part of `OWNED` → fate."""

BESIDES: Final[Mapping[str, str]] = {
    "orders.customer_id": ", has_comment = FALSE, track_number = ''",
    "deal.customer_id": ", has_note = FALSE",
    "letter.customer_id": ", files = '[]'",
}
"""What else is emptied in rows that stay: marks of what is gone, and the carrier's number, by
which the carrier tells who the parcel was for."""

_HIS_ORDERS: Final = "(SELECT id FROM orders WHERE customer_id = {})"
AROUND: Final[Sequence[str]] = (
    f"UPDATE shipment SET track_number = '' WHERE order_id IN {_HIS_ORDERS}",
    f"UPDATE parcel SET track = '', track_url = '' WHERE order_id IN {_HIS_ORDERS}",
    "UPDATE parcel SET carrier_id = '' WHERE state IN ('delivered', 'returned', 'lost', "
    f"'cancelled') AND order_id IN {_HIS_ORDERS}",
    f"UPDATE fulfilment SET tracking = '' WHERE order_id IN {_HIS_ORDERS}",
    f"UPDATE posting SET track = '' WHERE order_id IN {_HIS_ORDERS}",
    f"UPDATE pay_attempt SET url = '' WHERE order_id IN {_HIS_ORDERS}",
    f"DELETE FROM plugin_badge WHERE order_id IN {_HIS_ORDERS}",
    "UPDATE change_entry SET old_value = NULL, new_value = NULL WHERE entity = 'order' "
    f"AND field = 'integration_delivery_data.track_number' AND entity_id IN {_HIS_ORDERS}",
    "UPDATE change_entry SET part = NULL WHERE entity = 'order' "
    "AND (field = 'integration_delivery_data.status' OR field LIKE 'shipments%') "
    f"AND entity_id IN {_HIS_ORDERS}",
)
"""What stands in the clear beside his orders and leads back to him: whoever is asked by a parcel's
number or an unpaid page's address tells whose it was, and a plugin's word may be anything. Each
takes the client's id; what an open parcel is cancelled by stays until it has ended."""

CATEGORY: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("customer", "person"): ("name", "birthday", "comment"),
    ("customer", "wishes"): ("wishes",),
    ("contact", "value"): ("contacts",),
    ("contact", "value_index"): (),
    ("contact", "tail_index"): (),
    ("address", "parts"): ("address",),
    ("requisites", "parts"): ("tax_id",),
    ("requisites", "inn_index"): (),
    ("corporate_part", "content"): ("address", "tax_id"),
    ("cart", "link"): ("stream",),
    ("consent", "evidence"): ("consent",),
    ("customer_date", "value"): ("dates",),
    ("customer_date", "day_index"): (),
    ("owner_request", "reason"): ("comment",),
    ("orders", "contact"): ("order_contact",),
    ("orders", "reach"): ("order_contact",),
    ("orders", "comments"): ("order_comment",),
    ("deal", "texts"): ("deal_text",),
    ("order_line", "comment"): ("order_comment",),
    ("order_link", "comment"): ("order_comment",),
    ("payment", "comment"): ("payment",),
    ("payment", "payer"): ("payment",),
    ("task", "words"): ("task",),
    ("task", "outcome"): ("task",),
    ("timeline_entry", "text"): ("stream",),
    ("call", "phone"): ("call",),
    ("file", "name"): ("file",),
    ("letter", "content"): ("letter",),
    ("message", "content"): ("message",),
    ("custom_cell", "personal"): ("custom",),
    ("plugin_row", "personal"): ("plugin",),
    ("custom_token", "value_index"): (),
    ("change_entry", "personal"): ("history",),
    ("client_merge", "before"): ("history",),
}
"""Sealed or indexed column → categories of personal data in it, as the act names them
(`domain.subjects.CATEGORIES`); an index holds none of its own."""


class Held(NamedTuple):
    """Rows of one part that are a person's."""

    owned: Owned
    keys: list[Any]


async def held_of(owner: Owner) -> list[Held]:
    """All rows that are this record's, part by part; whatever hangs on its orders and deals too."""
    found: list[Held] = []
    parents: list[Any] = []
    for owned in OWNED:
        if owned.stands_alone:
            keys = await moving.keys_of(owned, owner)
        else:
            keys = await moving.keys_following(owned, parents)
        if owned.part in ("orders.customer_id", "deal.customer_id"):
            parents += keys
        found.append(Held(owned, keys))
    return found


async def wipe(tx: Tx, owner: Owner) -> dict[str, int]:
    """Delete or empty every row of a record; doing it again finds nothing left.

    Returns:
        table → rows dealt with.
    """
    dealt: dict[str, int] = {}
    for owned, keys in await held_of(owner):
        fate = FATES[owned.part]
        if fate is Fate.STAY or not keys:
            continue
        if owned.table is FileRow:
            await _shred_files(keys)
        for part in chunks(keys):
            await execute(_statement(owned, fate), any_of(part))
        dealt[owned.name] = dealt.get(owned.name, 0) + len(keys)
    return dealt


def _statement(owned: Owned, fate: Fate) -> str:
    if fate is Fate.GONE:
        return f'DELETE FROM "{owned.name}" WHERE {owned.key} IN {{}}'
    cells = ", ".join(f'"{cell}" = NULL' for cell in owned.cells)
    more = BESIDES.get(owned.part, "")
    return f'UPDATE "{owned.name}" SET {cells}{more} WHERE {owned.key} IN {{}}'


async def _shred_files(keys: Sequence[Any]) -> None:
    """Delete the sealed bytes before their rows: a crash in between leaves rows to begin with."""
    for part in chunks(keys):
        names = await fetch("SELECT hash FROM file WHERE id IN {}", any_of(part))
        files.delete([row[0] for row in names])
