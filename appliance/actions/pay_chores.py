"""The house's own work with payments: held money is taken in time, second receipts are made."""

from typing import Final

from appliance.actions import _acquiring
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.domain.paying import ALARM_BEFORE, Deed
from appliance.domain.receipts import Mode, ReceiptKind, ReceiptState
from appliance.roles import Permission
from appliance.storage import orders, pay_attempts, receipts, references
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

AT_ONCE: Final = 20
PACKED: Final = ("assembling-complete",)
"""Statuses in which an order is packed, besides those of groups behind the packing."""
_BEHIND: Final = frozenset({"delivery", "complete"})


@action(Permission.HOUSE, quiet=True)
async def run(tx: Tx) -> int:
    """Do what is due; how much was done."""
    lists = await references.lists()
    done = await _capture(tx, lists)
    done += await _warn(tx)
    return done + await _hand_over(tx)


def packed(lists: Lists) -> list[str]:
    """Statuses in which an order is packed or further."""
    return [code for code in lists.statuses if code in PACKED or lists.group_of(code) in _BEHIND]


async def _capture(tx: Tx, lists: Lists) -> int:
    """Take the money of orders that are packed."""
    found = await pay_attempts.to_capture(packed(lists), AT_ONCE)
    for one in found:
        await pay_attempts.change(tx, one.id, wished=Deed.CAPTURE.value)
        _acquiring.wish(tx, one.plugin, "payment", one.id, Deed.CAPTURE.value, one.order_id)
    return len(found)


async def _warn(tx: Tx) -> int:
    """Say in time that a hold ends: the money goes back to the payer then."""
    found = await pay_attempts.ending(tx.now + ALARM_BEFORE, AT_ONCE)
    for one in found:
        order = await orders.get(tx, OrderSelector(id=one.order_id))
        title = f"Списать удержанные деньги по заказу № {_acquiring.shown(order)}: срок выходит"
        await _acquiring.tell(tx, order, title, hours=2)
        await pay_attempts.change(tx, one.id, warned=True)
    return len(found)


async def _hand_over(tx: Tx) -> int:
    """Make the second receipt of what was prepaid and is handed over now."""
    found = await receipts.to_hand_over(AT_ONCE)
    for attempt_id, order_id in found:
        attempt = await pay_attempts.get(attempt_id)
        left = _acquiring.left_of(attempt)
        lines = await _acquiring.receipt_lines(tx, order_id, left, Mode.FULL_PAYMENT)
        made = await receipts.add(
            tx,
            order_id,
            ReceiptKind.HAND_OVER,
            lines,
            left,
            state=(ReceiptState.WAITING if left > 0 else ReceiptState.DONE).value,
            plugin=attempt.plugin,
            attempt_id=attempt.id,
        )
        if left > 0:
            _acquiring.wish(tx, attempt.plugin, "receipt", made, "create", order_id)
    return len(found)
