"""Two clients become one, and may become two again for ninety days."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.customers import CustomerChange, Person
from appliance.domain.duplicates import PERSON_FIELDS, MergeDone
from appliance.domain.market import CLIENT_PREFIX
from appliance.domain.personal import Personal
from appliance.errors import Invalid, NotFound
from appliance.storage import counters, customer_edits, customer_figures, customers, feed, moving
from appliance.storage.customers import Known
from appliance.storage.moving import Owner
from appliance.storage.owned import OWNED, Owned
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    upsert,
)
from appliance.storage.tables import AccountRow, MergeRow
from appliance.storage.tx import Tx

KEPT: Final = timedelta(days=90)
"""How long a merge can be taken back, and the other's key is kept."""

MOST_ROWS: Final = 50_000
"""Rows of the other that one merge moves: it holds the writer for about 40 µs each."""


class Before(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `client_merge.before`: what the survivor said before."""

    v: int = 1
    person: Person
    owner_id: UUID | None = None
    vip: bool = False
    bad: bool = False


class Merge(NamedTuple):
    """A merge as stored."""

    id: UUID
    survivor_id: UUID
    survivor_subject: UUID
    other_id: UUID
    other_subject: UUID
    state: str
    key_state: str
    made_by: UUID
    at: datetime
    until: datetime
    taken: str
    before: bytes | None
    moved: str

    @property
    def survivor(self) -> Owner:
        return Owner(self.survivor_id, self.survivor_subject)

    @property
    def other(self) -> Owner:
        return Owner(self.other_id, self.other_subject)

    @property
    def fields(self) -> frozenset[str]:
        """Fields that were taken from the other."""
        return frozenset(name for name in self.taken.split(",") if name)


_SELECT = f"SELECT {', '.join(Merge._fields)} FROM client_merge WHERE "


async def of_other(other_id: UUID) -> Merge | None:
    """The merge that took this client away, if it was not taken back."""
    row = await fetch_one(
        _SELECT + "other_id = {} AND state <> 'undone' ORDER BY at DESC LIMIT 1", other_id
    )
    return None if row is None else Merge(*row)


async def get(merge_id: UUID) -> Merge:
    """One merge.

    Raises:
        NotFound: `merge_not_found`.
    """
    row = await fetch_one(_SELECT + "id = {}", merge_id)
    if row is None:
        raise NotFound("merge_not_found")
    return Merge(*row)


async def lately(tx: Tx, limit: int) -> list[tuple[Merge, int, int, int]]:
    """Merges that can be taken back, newest first: with both numbers and the maker's."""
    columns = ", ".join(f"m.{name}" for name in Merge._fields)
    rows = await fetch(
        f"SELECT {columns}, s.number, o.number, COALESCE(u.number, 0) FROM client_merge m "
        "JOIN customer s ON s.id = m.survivor_id JOIN customer o ON o.id = m.other_id "
        "LEFT JOIN users u ON u.id = m.made_by "
        "WHERE m.state = 'merged' AND m.until > {} ORDER BY m.until DESC, m.id DESC LIMIT {}",
        tx.now,
        limit,
    )
    return [(Merge(*row[:-3]), row[-3], row[-2], row[-1]) for row in rows]


def check(survivor: Known, other: Known) -> None:
    """Refuse what cannot become one.

    Raises:
        Invalid: `merge_with_itself`, `merge_kinds_differ`, `customer_not_live`, `merge_of_market`.
    """
    if survivor.id == other.id:
        raise Invalid("merge_with_itself")
    if any((one.external_id or "").startswith(CLIENT_PREFIX) for one in (survivor, other)):
        raise Invalid("merge_of_market")  # all buyers of a marketplace: nobody's double
    if survivor.kind != other.kind:
        raise Invalid("merge_kinds_differ")
    if survivor.state != "live" or other.state != "live":
        raise Invalid("customer_not_live")


# --- what moves ---


_DOUBLES: Final[Mapping[str, str]] = {
    "contact.customer_id": (
        "SELECT a.id FROM contact a JOIN contact b ON b.customer_id = {} AND b.kind = a.kind "
        "AND b.value_index = a.value_index WHERE a.customer_id = {}"
    ),
    "purpose.customer_id": (
        "SELECT a.id FROM purpose a JOIN purpose b ON b.customer_id = {} AND b.code = a.code "
        "AND b.basis = a.basis WHERE a.customer_id = {} AND a.until IS NULL AND b.until IS NULL"
    ),
    "tag.customer_id": (
        "SELECT a.id FROM tag a JOIN tag b ON b.customer_id = {} AND b.name = a.name "
        "WHERE a.customer_id = {}"
    ),
    "company_contact.company_id": (
        "SELECT a.id FROM company_contact a JOIN company_contact b ON b.company_id = {} "
        "AND b.customer_id = a.customer_id WHERE a.company_id = {}"
    ),
    "company_contact.customer_id": (
        "SELECT a.id FROM company_contact a JOIN company_contact b ON b.customer_id = {} "
        "AND b.company_id = a.company_id WHERE a.customer_id = {}"
    ),
}
"""Rows of the other that say what the survivor has already: they stay where they are, under the
other's key, as the data to go back by, and are gone with it."""

SINGLE: Final[Mapping[str, str]] = {
    "address": "address.owner_id",
    "requisites": "requisites.customer_id",
}
"""Fields that are rows of which a client has one."""


LEFTOVERS: Final = frozenset({*_DOUBLES, *SINGLE.values()})
"""Kinds of rows of which a merge leaves some beside: gone with the other's key."""


async def own_rows(owned: Owned, owner: Owner) -> list[Any]:
    """A client's rows of a kind he has one of."""
    rows = await fetch(
        f'SELECT id FROM "{owned.name}" WHERE {owned.client} = {{}} AND {owned.subject} = {{}}',
        owner.client,
        owner.subject,
    )
    return [row[0] for row in rows]


async def _coming(
    owned: Owned, other: Owner, survivor: Owner, taken: Collection[str], orders: Sequence[UUID]
) -> list[Any]:
    """Keys of the other's rows that come over to the survivor."""
    if not owned.stands_alone:
        return await moving.keys_following(owned, orders)
    keys = await moving.keys_of(owned, other)
    if (doubles := _DOUBLES.get(owned.part)) is not None and keys:
        left = {row[0] for row in await fetch(doubles, survivor.client, other.client)}
        keys = [key for key in keys if key not in left]
    field = next((name for name, part in SINGLE.items() if part == owned.part), "")
    if field and field not in taken and await own_rows(owned, survivor):
        left = set(await own_rows(owned, other))
        keys = [key for key in keys if key not in left]
    return keys


async def moves(survivor: Known, other: Known) -> dict[str, int]:
    """What would come over: table → rows, for a preview."""
    here, there = _owner(survivor), _owner(other)
    orders = await _orders_of(there)
    found: dict[str, int] = {}
    for owned in OWNED:
        if owned.stands_alone:
            keys = await _coming(owned, there, here, (), orders)
            if keys:
                found[owned.name] = found.get(owned.name, 0) + len(keys)
    return found


def _owner(known: Known) -> Owner:
    return Owner(known.id, known.subject_id)


async def _orders_of(owner: Owner) -> list[UUID]:
    rows = await fetch("SELECT id FROM orders WHERE customer_id = {} ORDER BY id", owner.client)
    return [row[0] for row in rows]


# --- merging ---


async def perform(
    tx: Tx, merge_id: UUID, survivor: Known, other: Known, taken: Collection[str]
) -> MergeDone:
    """Take `other` into `survivor`; both were checked.

    Raises:
        Invalid: `merge_too_big`.
        Damaged, Destroyed: a record cannot be opened.
    """
    here, there = _owner(survivor), _owner(other)
    orders = await _orders_of(there)
    before = await before_of(tx, survivor)
    taken = await _take_fields(tx, survivor, other, taken, before.person)
    await _put_aside(merge_id, here, there, taken)
    moved: dict[str, int] = {}
    for owned in OWNED:
        keys = await _coming(owned, there, here, taken, orders)
        if len(keys) > MOST_ROWS:
            raise Invalid("merge_too_big")
        count = await moving.move(tx, owned, keys, there, here)
        if count and owned.stands_alone:
            await moving.note(merge_id, owned.part, keys)
            moved[owned.name] = moved.get(owned.name, 0) + count
    await insert(
        MergeRow,
        id=merge_id,
        survivor_id=survivor.id,
        survivor_subject=survivor.subject_id,
        other_id=other.id,
        other_subject=other.subject_id,
        made_by=tx.actor.id,
        at=tx.now,
        until=tx.now + KEPT,
        taken=",".join(sorted(taken)),
        before=tx.seal("client_merge", "before", merge_id, survivor.subject_id, before, "name"),
        moved=msgspec.json.encode(moved).decode(),
    )
    await execute(
        "UPDATE customer SET state = 'merged', merged_into = {}, version = version + 1, "
        "updated_at = {} WHERE id = {}",
        survivor.id,
        tx.now,
        other.id,
    )
    await counters.draw(f"customers@{other.shop}", -1)
    await _after(tx, survivor, other, orders)
    return MergeDone(
        id=merge_id, survivor_number=survivor.number, other_number=other.number, moved=moved
    )


async def before_of(tx: Tx, known: Known) -> Before:
    """What a record says now, to go back to."""
    row = await fetch_one("SELECT owner_id, vip, bad FROM customer WHERE id = {}", known.id)
    owner, vip, bad = row or (None, False, False)
    person = await customer_edits.open_person(tx, known)
    return Before(person=person, owner_id=owner, vip=bool(vip), bad=bool(bad))


async def _take_fields(
    tx: Tx, survivor: Known, other: Known, taken: Collection[str], mine: Person
) -> frozenset[str]:
    """Write what comes from the other's record; return the fields that did."""
    theirs = await before_of(tx, other)
    fields = {
        name
        for name in PERSON_FIELDS
        if getattr(theirs.person, name) not in (None, "", getattr(mine, name))
    }
    wanted = {name for name in fields if name in taken or not getattr(mine, name)}
    left = fields - wanted
    given: dict[str, Any] = {
        name: value if name == "sex" else Personal(value)
        for name in wanted
        for value in [getattr(theirs.person, name)]
    }
    mine_now = await before_of(tx, survivor)
    if theirs.owner_id is not None and (mine_now.owner_id is None or "manager" in taken):
        number = await fetch_value("SELECT number FROM users WHERE id = {}", theirs.owner_id)
        if theirs.owner_id != mine_now.owner_id and number is not None:
            given["manager_number"] = number
            wanted.add("manager")
    for flag in ("vip", "bad"):
        if getattr(theirs, flag) and not getattr(mine_now, flag):
            given[flag] = True
            wanted.add(flag)
    if await _take_wishes(tx, survivor, other):
        wanted.add("wishes")
    if given:
        await customer_edits.apply(tx, survivor, CustomerChange(**given))
    if left:
        await _keep_unchosen(tx, survivor, theirs.person, left)
    return frozenset({*wanted, *(set(taken) & set(SINGLE))})


async def _take_wishes(tx: Tx, survivor: Known, other: Known) -> bool:
    """Standing wishes of the other, where the survivor has none of his own."""
    mine = await fetch_value("SELECT wishes FROM customer WHERE id = {}", survivor.id)
    theirs = await fetch_value("SELECT wishes FROM customer WHERE id = {}", other.id)
    if theirs is None or mine is not None:
        return False
    await customers.set_wishes(tx, survivor, Personal(await customers.wishes_of(tx, other.id)))
    return True


async def _keep_unchosen(tx: Tx, survivor: Known, theirs: Person, left: Collection[str]) -> None:
    """Nothing is lost: what was not chosen stands in the survivor's history."""
    changes = [
        feed.Change(
            field=f"merged.{customer_edits.history_field(name)}",
            old=str(getattr(theirs, name)),
            personal=True,
        )
        for name in sorted(left)
    ]
    await record(tx, survivor, changes)


async def _put_aside(merge_id: UUID, here: Owner, there: Owner, taken: Collection[str]) -> None:
    """The survivor's own address or requisites go out of sight, still under his key."""
    for name, part in SINGLE.items():
        owned = next(one for one in OWNED if one.part == part)
        if name not in taken or not await own_rows(owned, there):
            continue
        keys = await own_rows(owned, here)
        if keys:
            await moving.note(merge_id, owned.part, keys, aside=True)
            await execute(
                f'UPDATE "{owned.name}" SET {owned.client} = {{}} WHERE id IN {{}}',
                merge_id,
                any_of(keys),
            )


async def _after(tx: Tx, survivor: Known, other: Known, orders: Sequence[UUID]) -> None:
    await recount([survivor.id, other.id])
    await execute(
        "UPDATE duplicate_pair SET state = 'merged', decided_by = {} WHERE first_id IN {} "
        "AND second_id IN {}",
        tx.actor.id,
        any_of([survivor.id, other.id]),
        any_of([survivor.id, other.id]),
    )
    await execute(
        "DELETE FROM duplicate_pair WHERE state = 'open' AND (first_id = {} OR second_id = {})",
        other.id,
        other.id,
    )
    await record(tx, survivor, [feed.Change(field="merged", new=named(other))])
    await record(tx, other, [feed.Change(field="combined_to", new=named(survivor))])
    await tell_orders(tx, orders, other, survivor)
    await feed.reindex([survivor.id, other.id])


async def tell_orders(tx: Tx, orders: Sequence[UUID], was: Known, became: Known) -> None:
    """Write in every order's history whose it was and is."""
    change = feed.Change(field="customer", old=named(was), new=named(became))
    for part in moving.chunks(orders):
        for order_id, number, shop in await fetch(
            "SELECT id, number, shop FROM orders WHERE id IN {}", any_of(part)
        ):
            await feed.record(tx, "order", order_id, number, shop, became.subject_id, [change])


async def record(tx: Tx, known: Known, changes: list[feed.Change]) -> None:
    """Write in a client's history."""
    await feed.record(tx, "customer", known.id, known.number, known.shop, known.subject_id, changes)


def named(known: Known) -> dict[str, object]:
    """A client as histories name him."""
    return {"id": known.number, "external_id": known.external_id, "site": known.shop}


async def recount(clients: Sequence[UUID]) -> None:
    """Add up a client's kept figures anew from his orders."""
    for client in clients:
        row = await fetch_one(
            "SELECT COUNT(*), COALESCE(SUM(total), 0), COALESCE(SUM(paid_total), 0), "
            'MIN(created_at) AS "first [TIMESTAMPTZ]", MAX(created_at) AS "last [TIMESTAMPTZ]" '
            "FROM orders WHERE customer_id = {}",
            client,
        )
        count, total, paid, first, last = row or (0, 0, 0, None, None)
        await execute(
            "UPDATE customer SET orders_count = {}, orders_total = {}, paid_total = {}, "
            "first_order_at = {}, last_order_at = {} WHERE id = {}",
            int(count),
            int(total),
            int(paid),
            first,
            last,
            client,
        )
        await customer_figures.recount(client)
        await _balance(client)


async def _balance(client: UUID) -> None:
    """Add up a client's internal account anew; who never had one gets none."""
    balance = await fetch_value(
        "SELECT SUM(amount) FROM account_entry WHERE customer_id = {}", client
    )
    if balance is not None:
        await upsert(AccountRow, ("customer_id",), customer_id=client, balance=int(balance))
    else:
        await execute("DELETE FROM account WHERE customer_id = {}", client)
