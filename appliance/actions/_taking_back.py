"""Taking a chunk of an import back. Steps of `imports`."""

from uuid import UUID

from appliance.actions import _way_back
from appliance.domain.imports import ImportKind, Outcome
from appliance.errors import Damaged, Destroyed, Invalid, NotFound
from appliance.storage import import_goods, import_removal, import_undo, references, stock
from appliance.storage.imports import Chunk, Done, Import
from appliance.storage.tx import Tx


async def chunk(tx: Tx, one: Import, here: Chunk) -> list[Done]:
    """What becomes of each row: those it added go, then those it changed are as they were.

    A client who was added by a row above and changed by a later one is gone by then; one who was
    destroyed since stays destroyed.
    """
    if one.kind in (ImportKind.PRODUCTS, ImportKind.STOCK):
        return await _goods(tx, one, here)
    if one.kind in (ImportKind.ORDERS, ImportKind.DEALS, ImportKind.TASKS):
        return await _deeds(tx, one, here)
    added = [done.id for done in here.outcomes if done.outcome is Outcome.CREATED and done.id]
    gone = await import_undo.remove_clients(tx, added, await import_undo.ranges(one.id))
    back = await _put_back(tx, here)
    return [_fate(done, gone, back) for done in here.outcomes]


async def _put_back(tx: Tx, here: Chunk) -> dict[UUID, bool]:
    """Records the chunk changed, and whether all of each came back."""
    entries = await import_undo.entries_of(here)
    returning = await _way_back.returning(entries)
    wanted: dict[UUID, int] = {}
    for entry in entries:
        wanted[entry.entity_id] = wanted.get(entry.entity_id, 0) + 1
    found: dict[UUID, bool] = dict.fromkeys(wanted, False)
    for (entity, entity_id), pairs in returning.items():
        try:
            await _way_back.put_back(tx, entity, entity_id, pairs)
        except (NotFound, Destroyed, Damaged, Invalid):
            continue  # gone since, or not to be put back any more: it stays as it is
        found[entity_id] = True
    return found


async def _goods(tx: Tx, one: Import, here: Chunk) -> list[Done]:
    """Products an import added are hidden, figures of stock are as before."""
    added = [done.id for done in here.outcomes if done.outcome is Outcome.CREATED and done.id]
    hidden = await import_goods.hide(added)
    if one.kind == ImportKind.PRODUCTS:
        return [_fate(done, hidden, {}) for done in here.outcomes]
    lists = await references.lists()
    place = lists.warehouse_ids.get(one.way.warehouse)
    figures = [
        (done.id, place, done.was)
        for done in here.outcomes
        if done.outcome is Outcome.UPDATED
        and done.id is not None
        and done.was is not None
        and place is not None
    ]
    await stock.set_on_hand(tx, figures, "correction", None)
    back = {variant: True for variant, _, _ in figures}
    return [_fate(done, hidden, back) for done in here.outcomes]


async def _deeds(tx: Tx, one: Import, here: Chunk) -> list[Done]:
    """Orders, deals and tasks nobody worked with go, with the clients who came for them alone.

    A client goes with the last of his orders: those of a later chunk still hold him.
    """
    added = {done.id for done in here.outcomes if done.outcome is Outcome.CREATED and done.id}
    if one.kind == ImportKind.TASKS:
        gone = await import_removal.remove_tasks(tx, list(added))
    else:
        orders = one.kind == ImportKind.ORDERS
        remove = import_removal.remove_orders if orders else import_removal.remove_deals
        gone, clients = await remove(tx, list(added))
        own = await import_undo.ranges(one.id)
        came = await import_removal.added_with(clients, own)
        await import_undo.remove_clients(tx, came, own)
    return [_fate(done, gone, {}) for done in here.outcomes]


def _fate(done: Done, gone: frozenset[UUID], back: dict[UUID, bool]) -> Done:
    if done.outcome is Outcome.CREATED:
        fate = Outcome.TAKEN_BACK if done.id in gone else Outcome.KEPT
    elif done.outcome is Outcome.UPDATED:
        came = done.id is not None and back.get(done.id, False)
        fate = Outcome.TAKEN_BACK if came else Outcome.KEPT
    else:
        return done
    return Done(fate, done.id, done.number)
