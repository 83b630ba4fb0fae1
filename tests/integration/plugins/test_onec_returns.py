"""Goods that come back, told by a base of 1C and told to it: a stock document, each once."""

import asyncio
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest

from appliance.actions import orders, shipments, stock_documents
from appliance.domain.orders import LineDraft
from appliance.domain.stockroom import DocumentDraft, DocumentKind
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft
from tests.integration.plugins.test_exchange_1c import LOGIN, PASSWORD, base
from tests.onec_client import orders as told
from tests.onec_client.base import BITRIX, UNF, Base, Profile
from tests.onec_client.door import open_door
from tests.onec_client.wire import Wire

GOODS = (
    "<КоммерческаяИнформация><Каталог><Товары><Товар><Ид>T0</Ид><Наименование>Чай</Наименование>"
    "</Товар></Товары></Каталог></КоммерческаяИнформация>"
)
STOCK = (
    "<КоммерческаяИнформация><ИзмененияПакетаПредложений><Предложения><Предложение><Ид>T0</Ид>"
    "<Количество>10</Количество></Предложение></Предложения></ИзмененияПакетаПредложений>"
    "</КоммерческаяИнформация>"
)
OUT, BACK = "Отпуск товара", "Возврат товара"


class Told:
    """A base of 1C that speaks over a wire, and the box it speaks to."""

    def __init__(self, house: TestHouse, client: Base, profile: Profile, order: str) -> None:
        self._house, self._client, self._profile, self._order = house, client, profile, order

    async def says(self, operation: str, own: str, count: int, *, removed: bool = False) -> None:
        """Send a document of so many pieces."""
        body = told.document(
            self._profile, self._order, operation, own, {"T0": count}, removed=removed
        )
        await asyncio.to_thread(self._client.send_orders, "orders-1_1.xml", body)

    async def hears(self, operation: str) -> list[tuple[str, dict[str, str]]]:
        """Ask for orders; what they tell of goods that moved."""
        roots: list[Tree.Element] = []
        await asyncio.to_thread(self._client.fetch_orders, roots.append)
        return [one for root in roots for one in told.read(root, operation)]

    async def stands(self) -> tuple[int, list[str], int]:
        """Pieces on hand; states of documents of return, in order; tasks for people."""
        ((on_hand,),) = await self._house.rows("SELECT SUM(on_hand_milli) FROM stock")
        states = await self._house.rows("SELECT state FROM stock_document ORDER BY number")
        ((asked,),) = await self._house.rows("SELECT COUNT(*) FROM task")
        return int(on_hand) // 1000, [str(one) for (one,) in states], int(asked)


@pytest.mark.checklist(55)
@pytest.mark.parametrize("profile", [UNF, BITRIX], ids=["unf", "bitrix31"])
async def test_a_part_and_delivered_goods_come_back_as_a_document_both_ways(
    house: TestHouse, tmp_path: Path, profile: Profile
) -> None:
    one = await base(tmp_path)
    for name, body in (("import.xml", GOODS), ("offers.xml", STOCK)):
        assert (await one.send("catalog", name, body.encode())).startswith("success")
    line = LineDraft(offer_external_id="T0", quantity_milli=4000, price=100_00)
    made = await orders.place(house.shop_key(), draft("1044", lines=(line,)))
    await one.connection.changed(made.order_id)
    async with open_door(one.connection) as address:  # type: ignore[arg-type]
        client = Base(Wire(address, LOGIN, PASSWORD), profile)
        at = Told(house, client, profile, str(made.number))
        assert await at.hears(BACK) == []

        await at.says(OUT, "o1", 4)
        assert await at.stands() == (6, [], 0)
        for _ in range(2):  # a part of what is on its way; said twice, entered once
            await at.says(BACK, "r1", 1)
            assert await at.stands() == (7, ["posted"], 0)
        ((sent,),) = await house.rows("SELECT number FROM shipment")
        await shipments.deliver(house.system, sent)
        await at.says(BACK, "r1", 3)
        assert await at.stands() == (9, ["undone", "posted"], 0)
        await at.says(BACK, "r2", 2)  # the buyer has one
        assert await at.stands() == (9, ["undone", "posted"], 1)
        await at.says(BACK, "r1", 3, removed=True)
        assert await at.stands() == (6, ["undone", "undone"], 1)
        traced = "SELECT source FROM change_entry WHERE field = 'returns'"
        assert await house.rows(traced) == [("api",)] * 4  # the order's history has each
        assert await at.hears(BACK) == []  # what it told itself is no news

        document = await stock_documents.create(
            house.system,
            DocumentDraft(kind=DocumentKind.RETURN, warehouse="main", order_number=made.number),
        )
        card = await stock_documents.card(house.system, document)
        await stock_documents.put_line(house.system, document, card.lines[0].variant, 1000)
        await stock_documents.post(house.system, document)
        assert (await at.stands())[:2] == (7, ["undone", "undone", "posted"])
        await one.connection.changed(made.order_id)
        assert await at.hears(BACK) == [(str(made.number), {"T0": "1"})]
        await at.says(BACK, "b7", 1)  # the base's own document of it
        assert (await at.stands())[:2] == (7, ["undone", "undone", "posted"])

        await at.says(BACK, "b8", 3)
        assert (await at.stands())[0] == 10
        view = await orders.open_card(house.system, made.order_id)
        assert view.status.code == "goods-returned"
        assert len(await house.rows("SELECT id FROM shipment WHERE state = 'delivered'")) == 1
