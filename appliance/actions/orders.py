"""What can be done with orders."""

from appliance.actions import _order_checks, _placing
from appliance.actions._gate import action
from appliance.domain.orders import OrderDraft, Placed
from appliance.errors import Conflict
from appliance.roles import Permission
from appliance.storage import orders, references
from appliance.storage.tx import Tx


@action(Permission.ORDER_CREATE)
async def place(tx: Tx, draft: OrderDraft) -> Placed:
    """Accept an order, once per (shop, external id). Repeating is safe: the answer is the same.

    Raises:
        Conflict: `order_exists` with its number, where the draft is strict.
        Invalid: `code_unknown` (status, delivery, payment… in `fields`), `offer_unknown`,
            `manager_unknown`, `payment_external_id_taken`.
    """
    lists = await references.lists()
    if draft.external_id is not None:
        known = await orders.find_by_external_id(draft.shop, draft.external_id)
        if known is not None:
            tx.about("order", known.id)
            if draft.strict:
                raise Conflict("order_exists", f"order {known.number}", number=known.number)
            return Placed(order_id=known.id, number=known.number, created=False)
    _order_checks.check_draft(draft, lists)
    return await _placing.place(tx, draft, lists)
