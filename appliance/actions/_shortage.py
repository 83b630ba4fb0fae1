"""Orders whose goods were sold elsewhere a moment before: somebody is asked to see to each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskDraft
from appliance.storage import alarms, market_postings, tasks
from appliance.storage.market_postings import Lack
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.tx import Tx

HOURS: Final = 4


async def ask(tx: Tx, lack: Lack) -> None:
    """Set the task for whoever leads the order, else for an administrator."""
    leader = lack.manager_id
    if leader is None or leader == NOBODY:
        leader = await alarms.first_administrator()
    if leader is None:
        return
    draft = TaskDraft(
        title=Personal(f"Заказ {lack.order_number}: товара нет на складе"),
        text=Personal("Продано больше, чем свободно. Пополните остаток или откажитесь."),
        performer_id=leader,
        due_at=tx.now + timedelta(hours=HOURS),
        order_id=lack.order_id,
    )
    await tasks.add(tx, draft)


async def watch(tx: Tx, order: Order, lines: Sequence[Line]) -> None:
    """See whether a new order lost a race for goods that marketplaces sell, too.

    Of goods sold in one place only, the card itself says what is short.
    """
    bare: set[UUID] = {
        line.variant_id
        for line in lines
        if line.variant_id is not None and line.reserved_at is None
    }
    if bare and await market_postings.raced_for(bare):
        await ask(tx, Lack(order.id, order.number, order.manager_id))
