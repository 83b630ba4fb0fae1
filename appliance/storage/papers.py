"""Documents made of orders: their rows; the pages are files under the buyer's key."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.grants import Access, Scope
from appliance.domain.papers import INSIDE, Paper, PaperKind
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import PaperRow
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible

MOST_SHOWN = 50
_COLUMNS = (
    "p.id, p.number, p.kind, p.shown_number, p.day, p.total, COALESCE(e.number, 0), o.number, "
    "p.author_number, p.created_at, p.file_id"
)
_FROM = (
    "FROM paper p JOIN orders o ON o.id = p.order_id LEFT JOIN legal_entity e ON e.id = p.entity_id"
)


class Stored(NamedTuple):
    """A document with what only its maker needs."""

    paper: Paper
    order_id: UUID
    customer_id: UUID
    subject_id: UUID
    entity_id: UUID | None
    file_id: UUID | None
    template_version: int


def _paper(row: tuple[Any, ...]) -> Paper:
    return Paper(
        id=row[0],
        number=row[1],
        kind=PaperKind(row[2]),
        shown_number=row[3],
        day=row[4],
        total=row[5],
        entity_number=row[6],
        order_number=row[7],
        author_number=row[8],
        created_at=row[9],
        ready=row[10] is not None,
    )


async def of_order(order_id: UUID) -> list[Paper]:
    """Documents of an order that the actor was shown, the newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} {_FROM} WHERE p.order_id = {{}} ORDER BY p.number DESC LIMIT {{}}",
        order_id,
        MOST_SHOWN,
    )
    return [_paper(row) for row in rows]


async def on_card(tx: Tx, order_id: UUID) -> tuple[Paper, ...] | None:
    """Documents for the card of an order that the actor was shown; None where he may make none."""
    grant = tx.actor.grants.get(Permission.PAPER_MAKE)
    if grant is None or grant.scope is Scope.NONE:
        return None
    sees_all = grant.access("tax_id") is not Access.HIDDEN
    return tuple(one for one in await of_order(order_id) if sees_all or one.kind in INSIDE)


async def get(tx: Tx, number: int) -> Stored:
    """A document of an order that the actor may see.

    Raises:
        NotFound: `paper_not_found`.
    """
    scope, args = visible(tx, "o.manager_id")
    shop, shop_args = in_shop(tx, "o.shop")
    row = await fetch_one(
        f"SELECT {_COLUMNS}, o.id, o.customer_id, o.subject_id, p.entity_id, p.template_version "
        f"{_FROM} WHERE p.number = {{}} AND {scope} AND {shop}",
        number,
        *args,
        *shop_args,
    )
    if row is None:
        raise NotFound("paper_not_found")
    order_id, customer_id, subject_id, entity_id, version = row[11:]
    return Stored(_paper(row), order_id, customer_id, subject_id, entity_id, row[10], version)


async def add(tx: Tx, row_id: UUID, day: date, **values: Any) -> None:
    """Note that a document is being made: its number is taken."""
    await insert(
        PaperRow,
        id=row_id,
        day=day,
        author_number=tx.actor.number,
        created_at=tx.now,
        **values,
    )


async def finish(paper_id: UUID, file_id: UUID) -> bool:
    """Note where its pages are; False where another printing was first."""
    return bool(
        await execute(
            "UPDATE paper SET file_id = {} WHERE id = {} AND file_id IS NULL", file_id, paper_id
        )
    )
