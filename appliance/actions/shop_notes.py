"""Notes about clients as a shop's module reads and writes them."""

from appliance.actions._gate import action
from appliance.domain.corporate import span_of
from appliance.domain.customers import CustomerKind
from appliance.domain.notes import NoteFilter, NotePage
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import customers, notes, timeline, timeline_edits
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx


@action(Permission.CUSTOMER_VIEW, reads=True)
async def index(tx: Tx, asked: NoteFilter, page: int, limit: int) -> NotePage:
    """A page by its number; a list of numbers is answered whole."""
    limit = max(limit, len(asked.numbers))
    rows, total = await notes.page(tx, asked, (page - 1) * limit, limit)
    return NotePage(rows=rows, total=total)


@action(Permission.TIMELINE_WRITE)
async def create(
    tx: Tx, shop: str, ref: CustomerRef, kind: CustomerKind, text: Personal[str]
) -> int:
    """Write a note into a client's stream; give its number.

    Raises:
        NotFound: `customer_not_found`: absent, out of reach, or of another kind.
        Invalid: `entry_empty`, `entry_long` at `text`.
    """
    known = await customers.find_by_ref(tx, shop, ref)
    if (
        known is None
        or known.state != "live"
        or known.kind != kind
        or not await customers.is_visible(tx, known.id)
    ):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return await notes.add(tx, known, text)


@action(Permission.TIMELINE_WRITE)
async def delete(tx: Tx, kind: CustomerKind, number: int) -> None:
    """Take a note back.

    Raises:
        NotFound: `entry_not_found`: absent, out of reach, or taken back already.
    """
    asked = NoteFilter(kind=kind, numbers=(number,))
    rows, _ = await notes.page(tx, asked, 0, 1)
    span = span_of(number)
    if not rows or span is None:
        raise NotFound("entry_not_found")
    found = await fetch(
        "SELECT id FROM timeline_entry WHERE id BETWEEN {} AND {} AND kind = 'note'", *span
    )
    entry = await timeline.find(found[0][0])
    if entry is None:
        raise NotFound("entry_not_found")
    await timeline_edits.set_deleted(tx, entry, deleted=True)
