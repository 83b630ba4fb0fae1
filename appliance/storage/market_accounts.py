"""Accounts on marketplaces: made when their plugin names them first, set up by people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.market import MARKETS, AccountView
from appliance.domain.references import Shop
from appliance.errors import NotFound
from appliance.storage import counters, references
from appliance.storage.statements import fetch, fetch_one, insert, update_row
from appliance.storage.tables import MarketAccountRow
from appliance.storage.tx import Tx

_COLUMNS: Final = (
    "id, number, plugin, code, market, title, shop, warehouse, price_type, buffer_milli, "
    "sends_stock, sends_price, made_at"
)


class Account(NamedTuple):
    """An account as stored."""

    id: UUID
    number: int
    plugin: str
    code: str
    market: str
    title: str
    shop: str
    warehouse: str
    price_type: str
    buffer_milli: int
    sends_stock: bool
    sends_price: bool
    made_at: datetime


async def find(plugin: str, code: str) -> Account | None:
    """The account of a plugin by the code it goes by there."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM market_account WHERE plugin = {{}} AND code = {{}}", plugin, code
    )
    return None if row is None else Account(*row)


async def of(plugin: str, code: str) -> Account:
    """The same; raises: NotFound: `market_account_unknown`."""
    found = await find(plugin, code)
    if found is None:
        raise NotFound("market_account_unknown", code[:40])
    return found


async def by_number(number: int) -> Account:
    """The account under a number for people; raises: NotFound: `market_account_unknown`."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM market_account WHERE number = {{}}", number)
    if row is None:
        raise NotFound("market_account_unknown")
    return Account(*row)


async def every() -> dict[UUID, Account]:
    """All accounts, in the order they were made."""
    rows = await fetch(f"SELECT {_COLUMNS} FROM market_account ORDER BY number")
    return {row[0]: Account(*row) for row in rows}


async def add(tx: Tx, plugin: str, code: str, market: str, title: str) -> Account:
    """Make an account and the shop its orders come from."""
    number = await counters.draw("market_account")
    name = f"{MARKETS.get(market, market)}: {title}" if title else MARKETS.get(market, market)
    shop = f"{market}-{number}"[:64]
    await references.set_shop(Shop(number=0, code=shop, name=name[:200]))
    row_id = uuid7()
    await insert(
        MarketAccountRow,
        id=row_id,
        number=number,
        plugin=plugin,
        code=code,
        market=market,
        title=(title or MARKETS.get(market, market))[:200],
        shop=shop,
        made_at=tx.now,
    )
    return await of(plugin, code)


async def change(account: Account, **values: Any) -> None:
    """Set an account up."""
    await update_row(MarketAccountRow, account.id, **values)


async def views() -> tuple[AccountView, ...]:
    """Accounts with what there is to do about each."""
    accounts = await every()
    counts: Mapping[UUID, tuple[int, int, int]] = {
        row[0]: (row[1], row[2], row[3])
        for row in await fetch(
            "SELECT account_id, COUNT(*), "
            "SUM(CASE WHEN variant_id IS NULL THEN 1 ELSE 0 END), "
            "SUM(CASE WHEN stock_error <> '' OR price_error <> '' THEN 1 ELSE 0 END) "
            "FROM market_offer GROUP BY account_id"
        )
    }
    return tuple(
        AccountView(
            number=one.number,
            plugin=one.plugin,
            code=one.code,
            market=one.market,
            title=one.title,
            shop=one.shop,
            warehouse=one.warehouse,
            price_type=one.price_type,
            buffer_milli=one.buffer_milli,
            sends_stock=one.sends_stock,
            sends_price=one.sends_price,
            offers=counts.get(one.id, (0, 0, 0))[0],
            unmatched=counts.get(one.id, (0, 0, 0))[1],
            refused=counts.get(one.id, (0, 0, 0))[2],
        )
        for one in accounts.values()
    )
