"""A marketplace in the invented box: an account, postings at every turn, articles nobody knows."""

from datetime import timedelta
from typing import Final

from appliance.actions import market_desk, markets
from appliance.actions._plugin_asking import actor_of
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.plugin_api import postings as wire
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.postings import PostingIn, PostingLine, State
from appliance.storage.statements import fetch

ACCOUNT: Final = "tkatskaya"
PLUGIN: Final = "marketplace_ozon"
UNKNOWN: Final = (("TEA-ULUN-50", "Чай улун молочный, 50 г"), ("CUP-GLASS-2", "Пиала стеклянная"))
_STATES: Final[tuple[tuple[State, str, str, tuple[wire.Deed, ...]], ...]] = (
    ("delivered", "delivered", "posting_received", ()),
    ("in_transit", "delivering", "posting_on_way_to_city", ()),
    ("cancelled", "cancelled", "posting_canceled", ()),
    ("packed", "awaiting_deliver", "posting_awaiting_passport_data", ("label", "cancel")),
    ("assembling", "awaiting_packaging", "posting_created", ("pack", "cancel")),
    ("assembling", "awaiting_packaging", "posting_created", ("pack", "codes", "cancel")),
)


async def sell(opened: OpenHouse) -> None:
    """Fill the box in."""
    plugin = actor_of(PLUGIN, ("postings.write",))
    now = utc_now()
    asked = wire.AccountIn(account=ACCOUNT, market="ozon", title="Магазин на Ткацкой")
    await markets.account(plugin, asked)

    async def articles() -> list[tuple[str, str]]:
        rows = await fetch(
            "SELECT v.sku, v.name FROM variant v JOIN stock s ON s.variant_id = v.id "
            "WHERE v.sku <> '' AND s.on_hand_milli - s.reserved_milli > 5000 "
            "ORDER BY v.number LIMIT 8"
        )
        return [(row[0], row[1]) for row in rows]

    known = await opened.database.read(articles)
    given: list[PostingIn] = []
    for place, (state, status, substatus, actions) in enumerate(_STATES):
        goods = [known[place % len(known)], *(UNKNOWN if place >= len(_STATES) - 2 else ())]
        wants = ("mark",) if "codes" in actions else ()
        given.append(
            PostingIn(
                id=f"4021{place}7731-0001-{1 + place % 2}",
                group="40217731-0001" if place >= len(_STATES) - 2 else f"4021{place}7731",
                state=state,
                raw_status=status,
                raw_substatus=substatus,
                read_at=now,
                created_at=now,
                deadline=now + timedelta(hours=3 + 5 * place),
                lines=tuple(
                    PostingLine(
                        article=article,
                        vendor_id=str(910_000 + place),
                        name=name,
                        price=129_000 + 10_000 * place,
                        requires=wants if at == 0 else (),
                    )
                    for at, (article, name) in enumerate(goods)
                ),
                method="Доставка Ozon самостоятельно, Москва",
                reason="Покупатель передумал" if state == "cancelled" else "",
                actions=actions,
            )
        )
    await markets.take(plugin, wire.PostingsGiven(account=ACCOUNT, postings=tuple(given)))
    await _sell_there(known)
    offers = [wire.MarketOfferIn(article=article, name=name) for article, name in known]
    await markets.offers(plugin, wire.MarketOffersGiven(account=ACCOUNT, offers=tuple(offers)))
    due = (await markets.stock_due(plugin, wire.DueAsked(account=ACCOUNT))).due
    sent = [
        wire.StockSent(
            article=one.article, quantity=one.quantity, mark=one.mark,
            code="sku_stock_not_found" if place == 2 else "",
        )
        for place, one in enumerate(due)
    ]  # fmt: skip
    await markets.stock_sent(plugin, wire.StocksSent(account=ACCOUNT, sent=tuple(sent)))
    page = await market_desk.screen(HOUSE_ACTOR, "all")
    await market_desk.set_buffer(HOUSE_ACTOR, page.offers[0].id, 2000)


async def _sell_there(known: list[tuple[str, str]]) -> None:
    """A basket at Wildberries: each piece is an order of its own, one of them in a supply."""
    plugin = actor_of("marketplace_wildberries", ("postings.write",))
    now = utc_now()
    asked = wire.AccountIn(account="main", market="wildberries", title="Посуда на WB")
    await markets.account(plugin, asked)
    words: tuple[tuple[State, str, tuple[wire.Deed, ...]], ...] = (
        ("new", "new", ("confirm", "pack", "cancel")),
        ("assembling", "confirm", ("pack", "codes", "label", "act", "cancel")),
    )
    given = [
        PostingIn(
            id=f"138330{place + 41}",
            group="165918930",
            state=state,
            raw_status=status,
            raw_substatus="waiting",
            read_at=now,
            created_at=now,
            deadline=now + timedelta(hours=20),
            lines=(
                PostingLine(
                    article=known[place + 2][0],
                    vendor_id=str(120_000_410 + place),
                    name=known[place + 2][1],
                    price=99_000,
                    requires=("mark",) if "codes" in actions else (),
                ),
            ),
            method="FBS, Коледино",
            actions=actions,
        )
        for place, (state, status, actions) in enumerate(words)
    ]
    await markets.take(plugin, wire.PostingsGiven(account="main", postings=tuple(given)))
