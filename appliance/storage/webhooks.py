"""Addresses of programs, and what came of telling them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.webhooks import (
    WebhookDraft,
    WebhookTry,
    WebhookView,
    number_of,
    subscriber_of,
)
from appliance.errors import NotFound
from appliance.storage import counters, deliveries
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    update_row,
)
from appliance.storage.tables import EventDeliveryRow, WebhookRow, WebhookTryRow
from appliance.storage.tx import Tx
from appliance.storage.users import split

LABEL: Final = "webhook.secret"
KEPT: Final = timedelta(days=30)
_COLUMNS = "id, number, name, url, events, shop, lan, active, created_at"


def _view(row: tuple[Any, ...]) -> WebhookView:
    return WebhookView(
        number=row[1],
        name=row[2],
        url=row[3],
        events=split(row[4]),
        shop=row[5],
        lan=bool(row[6]),
        active=bool(row[7]),
        created_at=row[8],
    )


async def every() -> list[WebhookView]:
    """All of them by number, with what waits for each and how the newest attempt ended."""
    rows = await fetch(f"SELECT {_COLUMNS} FROM webhook ORDER BY number")
    if not rows:
        return []
    queues = await fetch(
        "SELECT subscriber, state, COUNT(*) FROM event_delivery WHERE subscriber IN {} "
        "AND state IN ('ready', 'held', 'dead') GROUP BY subscriber, state",
        any_of([subscriber_of(row[1]) for row in rows]),
    )
    waiting: dict[int, int] = {}
    dead: dict[int, int] = {}
    for name, state, count in queues:
        kept = dead if state == "dead" else waiting
        kept[number_of(name)] = kept.get(number_of(name), 0) + count
    last = await _last([row[0] for row in rows])
    return [
        msgspec.structs.replace(
            _view(row),
            waiting=waiting.get(row[1], 0),
            dead=dead.get(row[1], 0),
            last_at=last.get(row[0], (None, None))[0],
            last_status=last.get(row[0], (None, None))[1],
        )
        for row in rows
    ]


async def _last(ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, int]]:
    rows = await fetch(
        "SELECT t.webhook_id, t.at, t.status FROM webhook_try t WHERE t.id IN "
        "(SELECT (SELECT n.id FROM webhook_try n WHERE n.webhook_id = w.id "
        "ORDER BY n.id DESC LIMIT 1) FROM webhook w WHERE w.id IN {})",
        any_of(list(ids)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def active() -> list[WebhookView]:
    """Those that are told."""
    rows = await fetch(f"SELECT {_COLUMNS} FROM webhook WHERE active = {{}} ORDER BY number", True)
    return [_view(row) for row in rows]


async def find(number: int) -> tuple[UUID, WebhookView, bytes]:
    """Id, address and sealed secret.

    Raises:
        NotFound: `webhook_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS}, secret FROM webhook WHERE number = {{}}", number)
    if row is None:
        raise NotFound("webhook_not_found")
    return row[0], _view(row), row[9]


async def add(tx: Tx, draft: WebhookDraft, secret: str) -> int:
    """Keep a new address; its number."""
    row_id, number = uuid7(), await counters.draw("webhook")
    await insert(
        WebhookRow,
        id=row_id,
        number=number,
        secret=tx.vault.seal_secret(LABEL, row_id, secret.encode()),
        made_by=tx.actor.number,
        created_at=tx.now,
        **_values(draft),
    )
    return number


def _values(draft: WebhookDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "url": draft.url,
        "events": ",".join(dict.fromkeys(draft.events)),
        "shop": draft.shop,
        "lan": draft.lan,
        "active": draft.active,
    }


async def change(row_id: UUID, draft: WebhookDraft) -> None:
    """Change an address whole."""
    await update_row(WebhookRow, row_id, **_values(draft))


async def set_secret(tx: Tx, row_id: UUID, secret: str) -> None:
    """Give it another secret."""
    sealed = tx.vault.seal_secret(LABEL, row_id, secret.encode())
    await update_row(WebhookRow, row_id, secret=sealed)


def secret_of(tx: Tx, row_id: UUID, sealed: bytes) -> str:
    """The secret. Raises as `Vault.open_secret`."""
    return tx.vault.open_secret(LABEL, row_id, sealed).decode()


async def remove(row_id: UUID, number: int) -> None:
    """Forget an address, its attempts and whatever waits for it."""
    await execute("DELETE FROM webhook_try WHERE webhook_id = {}", row_id)
    await execute("DELETE FROM event_delivery WHERE subscriber = {}", subscriber_of(number))
    await execute("DELETE FROM webhook WHERE id = {}", row_id)


# --- telling ---


async def enqueue(tx: Tx, number: int, event: str, payload: bytes) -> UUID:
    """Have one address told of something now; the delivery's id."""
    delivery = uuid7()
    await insert(
        EventDeliveryRow,
        id=delivery,
        subscriber=subscriber_of(number),
        event=event,
        payload=payload.decode(),
        lane="",
        state="ready",
        attempts=0,
        due_at=tx.now,
        lease_until=None,
        last_error="",
        created_at=tx.now,
    )
    return delivery


async def numbers_of(order: UUID | None, customer: UUID | None) -> dict[str, tuple[int, str]]:
    """`order` and `customer` → number and shop, of those that are there."""
    found: dict[str, tuple[int, str]] = {}
    if order is not None:
        row = await fetch_one("SELECT number, shop FROM orders WHERE id = {}", order)
        if row is not None:
            found["order"] = (row[0], row[1])
    if customer is not None:
        row = await fetch_one("SELECT number, shop FROM customer WHERE id = {}", customer)
        if row is not None:
            found["customer"] = (row[0], row[1])
    return found


async def created_at(delivery: UUID) -> datetime | None:
    """When what a delivery tells happened."""
    return await fetch_value("SELECT created_at FROM event_delivery WHERE id = {}", delivery)


async def note(tx: Tx, row_id: UUID, made: WebhookTry) -> None:
    """Write an attempt down."""
    await insert(
        WebhookTryRow,
        id=made.id,
        webhook_id=row_id,
        delivery_id=made.delivery_id,
        event=made.event,
        at=tx.now,
        status=made.status,
        code=made.code[:64],
        milliseconds=made.milliseconds,
    )


async def tries(row_id: UUID, before: UUID | None, limit: int) -> list[WebhookTry]:
    """Attempts, the newest first."""
    rows = await fetch(
        "SELECT t.id, t.delivery_id, t.event, t.at, t.status, t.code, t.milliseconds, d.state "
        "FROM webhook_try t LEFT JOIN event_delivery d ON d.id = t.delivery_id "
        "WHERE t.webhook_id = {} AND t.id < {} ORDER BY t.id DESC LIMIT {}",
        row_id,
        before or UUID(int=2**128 - 1),
        limit,
    )
    return [
        WebhookTry(
            id=row[0],
            delivery_id=row[1],
            event=row[2],
            at=row[3],
            status=row[4],
            code=row[5],
            milliseconds=row[6],
            state=row[7] or "",
        )
        for row in rows
    ]


async def replay(tx: Tx, number: int, delivery: UUID) -> bool:
    """Have a delivery of the last week go once more, under its own id; false: it is not kept."""
    state = await fetch_value(
        "SELECT state FROM event_delivery WHERE id = {} AND subscriber = {}",
        delivery,
        subscriber_of(number),
    )
    if state == "dead":
        return await deliveries.retry(delivery, tx.now)
    if state == "done":
        await execute(
            "UPDATE event_delivery SET state = 'ready', attempts = 0, due_at = {} WHERE id = {}",
            tx.now,
            delivery,
        )
    return state is not None


async def purge(tx: Tx) -> int:
    """Forget attempts of last month."""
    return await execute("DELETE FROM webhook_try WHERE at < {}", tx.now - KEPT)
