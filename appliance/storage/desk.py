"""Small reads behind the staff's screens: names for codes, reach of a client, what waits."""

from collections.abc import Mapping
from itertools import count
from uuid import UUID

from appliance.domain.desk import Chore, Codes, Figures
from appliance.domain.grants import Scope
from appliance.domain.references import ReferenceKind
from appliance.roles import Permission
from appliance.storage import customers, staff
from appliance.storage.references import Lists
from appliance.storage.statements import fetch, fetch_one, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client_under

_stamps = count(1)
_kept: list[tuple[Lists, Mapping[int, staff.Colleague], Codes]] = []


async def codes(tx: Tx, lists: Lists) -> Codes:
    """Names and looks for one page, from memory; one object for as long as nothing changes."""
    known = await staff.directory(tx)
    for of_lists, of_known, made in _kept[:]:
        if of_lists is lists and of_known is known:
            return made
    made = Codes(
        statuses=lists.statuses,
        groups=lists.groups,
        deliveries=_names(lists, ReferenceKind.DELIVERY_TYPE),
        payments=_names(lists, ReferenceKind.PAYMENT_TYPE),
        payable=_active(lists, ReferenceKind.PAYMENT_TYPE),
        deliverable=_active(lists, ReferenceKind.DELIVERY_TYPE),
        line_states=_names(lists, ReferenceKind.PRODUCT_STATUS),
        methods=_names(lists, ReferenceKind.ORDER_METHOD),
        types=_names(lists, ReferenceKind.ORDER_TYPE),
        warehouses={code: place.name for code, place in lists.warehouses.items()},
        shops={code: shop.name for code, shop in lists.shops.items()},
        colleagues={number: one.name for number, one in known.items() if one.active},
        fields=lists.fields,
        has_operators=bool(lists.operators),
        former={number: one.name for number, one in known.items() if not one.active},
        stamp=next(_stamps),
    )
    _kept[:] = [(lists, known, made)]
    return made


def forget() -> None:
    """Forget the colleagues' names, as when the box is sealed."""
    _kept.clear()


def _names(lists: Lists, kind: ReferenceKind) -> dict[str, str]:
    return {code: entry.name for code, entry in lists.of(kind).items()}


def _active(lists: Lists, kind: ReferenceKind) -> dict[str, str]:
    return {code: entry.name for code, entry in lists.of(kind).items() if entry.active}


async def reaches_client(tx: Tx, customer_id: UUID, owner_number: int | None) -> bool:
    """Whether the actor may open this client's own card, by his grant for clients."""
    grant = tx.actor.grants.get(Permission.CUSTOMER_VIEW.value)
    if grant is None or grant.scope is Scope.NONE:
        return False
    if grant.scope is Scope.ALL or owner_number == tx.actor.number:
        return True
    if grant.scope is Scope.OWN or tx.actor.department is None:
        return False
    reach, args = visible_client_under(tx, Permission.CUSTOMER_VIEW)
    found = await fetch_value(
        "SELECT 1 FROM customer c WHERE c.id = {} AND " + reach, customer_id, *args
    )
    return found is not None


async def survivor_of(tx: Tx, customer_id: UUID) -> int:
    """Number of the client that this one lives on in; 0 where the actor may not see him."""
    known = await customers.follow(await customers.find_by_id(customer_id))
    if known is None or not await customers.is_visible(tx, known.id):
        return 0
    return known.number


async def figures(customer_id: UUID) -> Figures | None:
    """What a client brought so far."""
    row = await fetch_one(
        "SELECT orders_count, orders_total, paid_total, created_at FROM customer WHERE id = {}",
        customer_id,
    )
    return None if row is None else Figures(orders=row[0], total=row[1], paid=row[2], since=row[3])


async def leader_of(customer_id: UUID) -> int:
    """Number of the colleague who leads a client; 0 for nobody."""
    found = await fetch_value(
        "SELECT u.number FROM customer c JOIN users u ON u.id = c.owner_id WHERE c.id = {}",
        customer_id,
    )
    return int(found or 0)


async def chores() -> tuple[Chore, ...]:
    """Recurring jobs, the next one first."""
    rows = await fetch("SELECT kind, run_at, last_error FROM job ORDER BY run_at")
    return tuple(Chore(kind=kind, due_at=due, problem=problem) for kind, due, problem in rows)


async def count_of(table: str) -> int:
    """Rows of a small table; the name is our own."""
    return int(await fetch_value(_COUNTS[table]))


_COUNTS = {
    "unsealed": "SELECT COUNT(*) FROM audit_outbox",
    "dead": "SELECT COUNT(*) FROM event_delivery WHERE state = 'dead'",
    "staff": "SELECT COUNT(*) FROM users WHERE active",
    "sessions": "SELECT COUNT(*) FROM session",
    "keys": "SELECT COUNT(*) FROM api_key WHERE revoked_at IS NULL",
}
