"""A marketplace's plugin without a process, and goods for it to sell."""

from datetime import datetime, timedelta

from appliance.plugin_api.core import Core
from appliance.plugin_api.goods import GoodIn, NamedIn, OfferIn
from appliance.plugin_api.postings import PostingIn, PostingLine
from tests.house_fixture import START, TestHouse
from tests.integration.plugins.asking import plugin


def core(name: str = "marketplace_ozon") -> Core:
    return plugin(name, permissions=("postings.write", "goods.write", "orders.place"))


async def goods(**pieces: int) -> None:
    """Variants by article, so many of each at the main warehouse, for 500 roubles."""
    box = core("warehouse")
    await box.price_types_put([NamedIn(name="Розничная", code="base")])
    for article, amount in pieces.items():
        await box.goods_put([GoodIn(external_id=article, name=f"Товар {article}", article=article)])
        await box.offers_put(
            [
                OfferIn(
                    external_id=article, good=article, article=article,
                    prices={"base": 50_000}, stock={"main": amount * 1000},
                )
            ]
        )  # fmt: skip


def posting(
    number: str = "1001-1",
    *articles: str,
    state: str = "assembling",
    at: datetime = START,
    **other: object,
) -> PostingIn:
    """A posting of one piece of each article."""
    values: dict[str, object] = {
        "raw_status": "awaiting_packaging",
        "group": number.rpartition("-")[0],
        "created_at": START,
        "deadline": START + timedelta(hours=20),
        "lines": tuple(
            PostingLine(article=one, vendor_id=f"sku-{one}", name=f"Товар {one}", price=50_000)
            for one in articles or ("A-1",)
        ),
        **other,
    }
    return PostingIn(id=number, state=state, read_at=at, **values)  # type: ignore[arg-type]


async def stock_of(house: TestHouse, article: str) -> tuple[int, int]:
    """(on hand, reserved) in thousandths."""
    rows = await house.rows(
        "SELECT s.on_hand_milli, s.reserved_milli FROM stock s JOIN variant v "
        "ON v.id = s.variant_id WHERE v.sku = {}",
        article,
    )
    return rows[0]  # type: ignore[return-value]


async def status_of(house: TestHouse, number: str) -> str:
    rows = await house.rows("SELECT status FROM orders WHERE external_id = {}", number)
    return str(rows[0][0])
