"""What Ctrl+K finds: clients, orders, deals, goods and one's own tasks, by one question."""

from typing import Final

import msgspec

from appliance.actions._gate import action
from appliance.domain.customers import CustomerBrief
from appliance.domain.deals import DealRow, Funnels
from appliance.domain.desk import Codes
from appliance.domain.grants import Scope
from appliance.domain.order_forms import GoodsFound
from appliance.domain.orders import OrderFilter, OrderRow
from appliance.domain.tasks import TaskView
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import (
    custom_finds,
    customer_views,
    deal_lists,
    desk,
    goods_search,
    order_lists,
    palette_recent,
    pipelines,
    references,
    searching,
    task_lists,
    tracks,
)
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MOST: Final = 7
SHORTEST: Final = 2
MOST_RECENT: Final = 8


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to show, the closest first.

    Attributes:
        goods: with the number of the product each variant belongs to.
        recent: (entity, number) of what the actor worked on lately, where nothing was typed.
        text: what was found in the end: as typed, in the other layout, or with a letter mended.
    """

    people: tuple[CustomerBrief, ...] = ()
    orders: tuple[OrderRow, ...] = ()
    deals: tuple[DealRow, ...] = ()
    goods: tuple[tuple[int, GoodsFound], ...] = ()
    tasks: tuple[TaskView, ...] = ()
    recent: tuple[tuple[str, int], ...] = ()
    codes: Codes
    funnels: Funnels | None = None
    text: str = ""

    @property
    def anything(self) -> bool:
        """Whether anything was found at all."""
        return bool(self.people or self.orders or self.deals or self.goods or self.tasks)


def _goes(tx: Tx, permission: Permission) -> bool:
    """Go on by this permission, if the actor has it."""
    grant = tx.actor.grants.get(permission.value)
    if grant is None or grant.scope is Scope.NONE:
        return False
    tx.under(permission.value)
    return True


@action(Permission.SELF, reads=True, quiet=True)
async def find(tx: Tx, text: str, other: str = "") -> Found:
    """Records by a fragment, in the other layout or with one letter mended where nothing is found.

    Args:
        tx: of the actor.
        text: as typed: `@` asks for people only, `#` for numbers only; empty for recent ones.
        other: the same keys in the other layout.
    """
    lists = await references.lists()
    tx.under(Permission.SELF.value)
    codes = await desk.codes(tx, lists)
    if not text:
        return await _recent(tx, lists, codes)
    tx.payload = {"query": searching.query_token(tx, text)}
    found = await _all(tx, lists, codes, text)
    if not found.anything and other and other != text:
        found = await _all(tx, lists, codes, other)
    if not found.anything and _goes(tx, Permission.CUSTOMER_VIEW):
        for mended in tx.index.corrections(text.lstrip("@ "), limit=3):
            people = await searching.by_fragment(tx, mended, MOST)
            if people:
                return Found(people=tuple(people), codes=codes, text=mended)
    return found


async def _all(tx: Tx, lists: Lists, codes: Codes, text: str) -> Found:
    bare = text.lstrip("@#№ ").strip()
    if len(bare) < SHORTEST:
        return Found(codes=codes, text=text)
    persons, numbers = text.startswith("@"), text.startswith(("#", "№"))
    people = () if numbers else await _people(tx, lists, bare)
    digits = bare.replace("-", "")
    number = 0
    if digits.isascii() and digits.isdigit() and len(digits) <= 11 and digits[0] != "0":
        number = 0 if persons else int(digits)
    tracked = () if persons else await tracks.orders_with(bare, MOST)
    wanted = (*tracked, number) if number else tracked
    orders = await _orders(tx, lists, wanted) if wanted else ()
    deals = await _deals(tx, number) if number else ()
    whole = not persons and not numbers
    return Found(
        people=people,
        orders=orders,
        deals=deals,
        goods=await _goods(tx, bare) if whole else (),
        tasks=await _tasks(tx, bare, number) if whole else (),
        codes=codes,
        funnels=await pipelines.funnels() if deals else None,
        text=text,
    )


async def _people(tx: Tx, lists: Lists, text: str) -> tuple[CustomerBrief, ...]:
    if not _goes(tx, Permission.CUSTOMER_VIEW):
        return ()
    found = await searching.by_fragment(tx, text, MOST)
    known = {one.id for one in found}
    exact = [one for one in await custom_finds.clients(tx, lists, text) if one not in known]
    if exact:
        rows = await customer_views.rows_by_ids(tx, exact)
        found += [customer_views.brief(tx, *rows[one]) for one in exact if one in rows]
    return tuple(found[:MOST])


async def _orders(tx: Tx, lists: Lists, numbers: tuple[int, ...]) -> tuple[OrderRow, ...]:
    if not _goes(tx, Permission.ORDER_VIEW):
        return ()
    wanted = await order_lists.prepare(tx, OrderFilter(numbers=numbers), lists)
    rows = await order_lists.rows(tx, wanted, after=None, before=None, limit=MOST)
    page = order_lists.page_of(tx, rows, after=None, before=None, limit=MOST, known=None)
    return page.rows


async def _deals(tx: Tx, number: int) -> tuple[DealRow, ...]:
    row = await deal_lists.row(tx, number) if _goes(tx, Permission.DEAL_VIEW) else None
    return () if row is None else (row,)


async def _goods(tx: Tx, text: str) -> tuple[tuple[int, GoodsFound], ...]:
    if not _goes(tx, Permission.PRODUCT_VIEW):
        return ()
    found = await goods_search.by_text(text, MOST)
    if not found:
        return ()
    products = await goods_search.products_of([one.number for one in found])
    return tuple((products[one.number], one) for one in found if one.number in products)


async def _tasks(tx: Tx, text: str, number: int) -> tuple[TaskView, ...]:
    """Open tasks of the actor by words of their titles, or any he sees by its number."""
    if not _goes(tx, Permission.TASK_VIEW):
        return ()
    if number:
        try:
            return (await task_lists.one(tx, number),)
        except NotFound:
            return ()
    return await palette_recent.titled(tx, text, MOST)


async def _recent(tx: Tx, lists: Lists, codes: Codes) -> Found:
    """What the actor changed lately, newest first."""
    recent = await palette_recent.mine(tx, MOST_RECENT)

    def of(entity: str) -> list[int]:
        return [number for kind, number in recent if kind == entity]

    orders = await _orders(tx, lists, tuple(of("order"))) if of("order") else ()
    deals: tuple[DealRow, ...] = ()
    for number in of("deal"):
        deals += await _deals(tx, number)
    people: tuple[CustomerBrief, ...] = ()
    if of("customer") and _goes(tx, Permission.CUSTOMER_VIEW):
        ids = await palette_recent.clients(tx, of("customer"))
        rows = await customer_views.rows_by_ids(tx, ids)
        people = tuple(customer_views.brief(tx, *rows[one]) for one in ids if one in rows)
    tasks: tuple[TaskView, ...] = ()
    for number in of("task"):
        tasks += await _tasks(tx, "", number)
    return Found(
        people=people,
        orders=orders,
        deals=deals,
        tasks=tasks,
        recent=tuple(recent),
        codes=codes,
        funnels=await pipelines.funnels() if deals else None,
    )
