"""What plugins say to people: lines of the journal, words on orders, tasks."""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from appliance.actions import _plugin_asking, _tasks
from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.orders import OrderSelector
from appliance.domain.tasks import TaskDraft
from appliance.errors import Invalid, NotFound
from appliance.plugin_api import calls
from appliance.plugin_api.standing import KeyUntil
from appliance.roles import Permission
from appliance.storage import (
    alarms,
    customer_views,
    disclosures,
    orders,
    plugin_journal,
    plugin_rows,
    plugin_standing,
    tasks,
)
from appliance.storage.plugin_rows import Kept
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx

MOST_WORDS: Final = 40
"""Letters of a word on an order."""
MOST_DATA: Final = 12
LONGEST_DATUM: Final = 120
FOUND: Final = "vendor."
"""Codes of what was found of a service, see `plugin_api.vendor`."""
_CODE: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
TASKS: Final = "@tasks"
"""Own rows of the box about a plugin: no manifest can name such a table."""


@action(Permission.PLUGIN, quiet=True)
async def journal(tx: Tx, wanted: calls.Note) -> calls.Noted:
    """Write a line of the plugin's journal.

    Raises:
        Invalid: `journal_line`: the code is none, or too much stands in `data`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    too_long = any(len(str(one)) > LONGEST_DATUM for one in wanted.data.values())
    ours = wanted.code.startswith("box.")
    if ours or not _CODE.fullmatch(wanted.code) or len(wanted.data) > MOST_DATA or too_long:
        raise Invalid("journal_line", fields={"code": "journal_line"})
    number = await plugin_journal.note(
        tx,
        plugin,
        wanted.code,
        direction=wanted.direction,
        state=wanted.state,
        data=wanted.data,
        kind=wanted.kind[:16],
        object_number=wanted.object_number,
        delivery_id=wanted.delivery,
    )
    if wanted.code.startswith(FOUND):
        await _stand(tx, plugin, wanted)
    return calls.Noted(number=number)


async def _stand(tx: Tx, plugin: str, found: calls.Note) -> None:
    """Keep how an account of the service stands now."""
    account, status = str(found.data.get("account", "")), found.data.get("status", 0)
    await plugin_standing.note(
        tx,
        plugin,
        account[:64],
        found.code.removeprefix(FOUND)[:32],
        found.state,
        status if isinstance(status, int) and 0 <= status < 1000 else 0,
    )


@action(Permission.PLUGIN, quiet=True)
async def key_until(tx: Tx, said: KeyUntil) -> calls.Nothing:
    """Keep when a key of access to the service ends: people are told in time."""
    await plugin_standing.key_until(_plugin_asking.plugin_of(tx), said.account[:64], said.until)
    return calls.Nothing()


@action(Permission.PLUGIN, quiet=True)
async def note_by_box(
    tx: Tx, code: str, state: str = "bad", data: dict[str, int | str] | None = None
) -> int:
    """Write a line of the box's own about the plugin that acts: refusals, restarts, the cage."""
    plugin = _plugin_asking.plugin_of(tx)
    return await plugin_journal.note(tx, plugin, f"box.{code}"[:64], state=state, data=data)


@action(Permission.ORDER_VIEW, quiet=True)
async def badge(tx: Tx, wanted: calls.BadgeWanted) -> calls.Nothing:
    """Put a word on an order, or take it away.

    Raises:
        NotFound: `order_not_found`.
        Invalid: at `text`: `text_too_long`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.close_fields(tx)
    text = " ".join(wanted.text.split())
    if len(text) > MOST_WORDS:
        raise Invalid(fields={"text": "text_too_long"})
    order = await orders.get(tx, OrderSelector(id=wanted.order_id))
    await plugin_journal.set_badge(tx, plugin, order.id, text, wanted.tone)
    return calls.Nothing()


@action(Permission.TASK_EDIT)
async def task(tx: Tx, wanted: calls.TaskWanted) -> calls.TaskSet:
    """Set a task for whoever leads the order or the client, else for an administrator.

    A task of the same key that is still open is left as it is.

    Raises:
        NotFound: `order_not_found`, `customer_not_found`; `nobody_to_ask`: no administrator.
        Invalid: as `tasks.create`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    key = wanted.key.encode()[:200]
    known = await plugin_rows.get(tx, plugin, TASKS, [key], personal=False)
    if known and await _is_open(str(known[0].values["task"])):
        return calls.TaskSet(created=False)
    task_id = await _add(tx, wanted)
    await plugin_rows.put(tx, plugin, TASKS, [Kept(key, {"task": str(task_id)})])
    return calls.TaskSet(created=True)


async def _is_open(task_id: str) -> bool:
    state = await fetch_value("SELECT state FROM task WHERE id = {}", UUID(task_id))
    return state == "open"


async def _add(tx: Tx, wanted: calls.TaskWanted) -> UUID:
    """Add it under the plugin's own grants: it must be able to see what the task is about."""
    leader: UUID | None = None
    if wanted.order_id is not None:
        tx.under(Permission.ORDER_VIEW)
        leader = (await orders.get(tx, OrderSelector(id=wanted.order_id))).manager_id
    if wanted.customer_id is not None:
        tx.under(Permission.CUSTOMER_VIEW)
        row = await customer_views.find_visible(tx, "c.id = {}", wanted.customer_id)
        leader = leader or await fetch_value("SELECT owner_id FROM customer WHERE id = {}", row[0])
    if leader is None or leader == NOBODY:
        leader = await alarms.first_administrator()
    if leader is None:
        raise NotFound("nobody_to_ask")
    draft = TaskDraft(
        title=_tasks.title_of(wanted.title),
        text=_tasks.text_of(wanted.text),
        performer_id=leader,
        due_at=tx.now + timedelta(hours=min(max(wanted.hours, 1), 24 * 365)),
        customer_id=wanted.customer_id,
        order_id=wanted.order_id,
    )
    return await tasks.add(tx, draft)


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Remove journal lines that are too old, and budgets of days that are over."""
    await disclosures.forget_days(tx.now)
    return await plugin_journal.forget_old(tx.now - plugin_journal.KEPT)
