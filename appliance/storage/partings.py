"""Taking a merge back: two of one again, as far as nobody changed it since."""

from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.customers import CustomerChange
from appliance.domain.duplicates import Parting
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Destroyed
from appliance.storage import counters, customer_edits, feed, moving
from appliance.storage.customers import Known
from appliance.storage.merges import (
    SINGLE,
    Before,
    Merge,
    before_of,
    named,
    own_rows,
    record,
    recount,
    tell_orders,
)
from appliance.storage.owned import OWNED
from appliance.storage.statements import any_of, execute, fetch_value
from appliance.storage.tables import FileRow, TimelineEntryRow
from appliance.storage.tx import Tx


class Way(NamedTuple):
    """How a merge is taken back."""

    rows: dict[str, list[Any]]
    parents: list[UUID]
    fields: dict[str, Any]
    conflicts: list[str]
    gone: int


async def way_back(tx: Tx, merge: Merge, survivor: Known, other: Known) -> Way:
    """What goes back, what has its old value again, and what somebody changed since.

    Raises:
        Conflict: `merge_too_old`, `merge_undone`, `merged_further`.
        Destroyed: one of the two is.
    """
    if merge.state == "undone":
        raise Conflict("merge_undone")
    if merge.state != "merged" or merge.until <= tx.now:
        raise Conflict("merge_too_old")
    if "destroyed" in (survivor.state, other.state):
        raise Destroyed
    if survivor.state != "live":
        raise Conflict("merged_further")
    rows = await moving.noted(merge.id)
    there: dict[str, list[Any]] = {}
    gone = 0
    for owned in OWNED:
        keys = rows.get(owned.part, [])
        kept = await moving.still(owned, keys, merge.survivor)
        gone += len(keys) - len(kept)
        if kept:
            there[owned.part] = kept
    fields, conflicts = await _fields_back(tx, merge, survivor, other)
    parents = [*there.get("orders.customer_id", []), *there.get("deal.customer_id", [])]
    return Way(there, parents, fields, conflicts, gone)


async def _fields_back(
    tx: Tx, merge: Merge, survivor: Known, other: Known
) -> tuple[dict[str, Any], list[str]]:
    if merge.before is None:
        return {}, []
    before = tx.open(
        "client_merge", "before", merge.id, merge.survivor_subject, merge.before, Before, "name"
    )
    now, theirs = await before_of(tx, survivor), await before_of(tx, other)
    back: dict[str, Any] = {}
    conflicts: list[str] = []
    for name in sorted(merge.fields - set(SINGLE) - {"wishes"}):
        was, given, current = (_field(one, name) for one in (before, theirs, now))
        if current != given:
            conflicts.append(name)
        elif name == "manager":
            back["manager_number"] = await fetch_value(
                "SELECT number FROM users WHERE id = {}", before.owner_id or NOBODY
            )
        elif name in ("sex", "vip", "bad"):
            back[name] = was
        else:
            back[name] = Personal(was) if was else None
    return back, conflicts


def _field(one: Before, name: str) -> Any:
    if name == "manager":
        return one.owner_id
    return getattr(one, name) if name in ("vip", "bad") else getattr(one.person, name)


def parting(way: Way, merge: Merge, survivor: Known, other: Known) -> Parting:
    """The same for people."""
    returns: dict[str, int] = {}
    for part, keys in way.rows.items():
        name = part.partition(".")[0]
        returns[name] = returns.get(name, 0) + len(keys)
    fields = sorted("manager" if name == "manager_number" else name for name in way.fields)
    return Parting(
        id=merge.id,
        survivor_number=survivor.number,
        other_number=other.number,
        until=merge.until,
        returns=returns,
        stays=way.gone,
        fields=tuple(fields),
        conflicts=tuple(way.conflicts),
    )


async def _bring_back(merge: Merge) -> None:
    """The survivor's own address and requisites, unless he was given new ones since."""
    aside = await moving.noted(merge.id, aside=True)
    for owned in OWNED:
        keys = aside.get(owned.part)
        if not keys or await own_rows(owned, merge.survivor):
            continue
        await execute(
            f'UPDATE "{owned.name}" SET {owned.client} = {{}} WHERE id IN {{}}',
            merge.survivor_id,
            any_of(keys),
        )


async def part(tx: Tx, merge: Merge, survivor: Known, other: Known, way: Way) -> None:
    """Make two of one again. What was added since to moved orders goes back with them."""
    if way.fields:
        await customer_edits.apply(tx, survivor, CustomerChange(**way.fields))
    entries: list[UUID] = []
    for owned in OWNED:
        keys = [*way.rows.get(owned.part, [])]
        following = await moving.keys_following(owned, way.parents)
        if owned.table is FileRow:
            following = await moving.files_of(entries)
        keys = list(dict.fromkeys([*keys, *following]))
        if owned.table is TimelineEntryRow:
            entries = keys
        await moving.move(tx, owned, keys, merge.survivor, merge.other)
    await _bring_back(merge)
    if "wishes" in merge.fields:
        await execute("UPDATE customer SET wishes = NULL WHERE id = {}", merge.survivor_id)
    await execute(
        "UPDATE customer SET state = 'live', merged_into = NULL, version = version + 1, "
        "updated_at = {} WHERE id = {}",
        tx.now,
        other.id,
    )
    await counters.draw(f"customers@{other.shop}")
    await execute("UPDATE client_merge SET state = 'undone' WHERE id = {}", merge.id)
    await execute("DELETE FROM merged_row WHERE merge_id = {}", merge.id)
    await execute(
        "UPDATE duplicate_pair SET state = 'dismissed', decided_by = {} WHERE state = 'merged' "
        "AND first_id IN {} AND second_id IN {}",
        tx.actor.id,
        any_of([survivor.id, other.id]),
        any_of([survivor.id, other.id]),
    )
    await recount([survivor.id, other.id])
    await record(tx, survivor, [feed.Change(field="merged", old=named(other))])
    await record(tx, other, [feed.Change(field="combined_to", old=named(survivor))])
    await tell_orders(tx, way.rows.get("orders.customer_id", []), survivor, other)
    await feed.reindex([survivor.id, other.id])
