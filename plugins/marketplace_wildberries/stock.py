"""Stock out: what is free now, never what was free a while ago.

WB answers 204 to a body whose names it does not know and changes nothing, so the first figure of
each size is read back.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import LATER, for_each, ids_of, send_stock, sent
from appliance.plugin_api.postings import StockDue, StockSent
from plugins.marketplace_wildberries import client, mapping
from plugins.marketplace_wildberries.accounts import MARKET, WAYS, Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.shapes import StockError

SOON: Final = 120
"""Seconds: a warehouse is being worked at for some minutes."""
BLOCKED: Final = 406
CONFLICT: Final = 409
ROUNDS: Final = 3
"""How often a batch is sent without those that were refused by name."""
BUSY: Final = "store_processing"
NOT_TAKEN: Final = "stock_not_taken"

_proved: Final[set[tuple[str, str, int]]] = set()
"""(account, warehouse, size) whose figure was read back once."""


def forget() -> None:
    """Forget what was read back; tests begin so."""
    _proved.clear()


async def send(core: Core) -> None:
    """Tell every account what it may sell, as long as there is something to tell."""

    async def one(account: Account) -> None:
        wants = await core.markets.open(account.code, MARKET, account.title)
        if wants.sends_stock and account.warehouse.isdigit():
            await _send(core, account)

    await for_each(WAYS.of(core), one)


async def _send(core: Core, account: Account) -> None:
    async def turn() -> None:
        core.account(f"{account.code}:stock")
        # The request itself takes its own turn; that one is free once this one is.
        await client.STOCK.take(account.wb.seller, 0)

    async def put(due: Sequence[StockDue]) -> list[StockSent]:
        return await _put(core, account, due)

    await send_stock(core, account.code, client.STOCKS, turn, put, {BUSY})


async def _put(core: Core, account: Account, due: Sequence[StockDue]) -> list[StockSent]:
    sizes = [(one, ids_of(one, "chrt").get("chrt", 0)) for one in due]
    answers = {one.article: sent(one, "not_in_catalogue", LATER) for one, size in sizes if not size}
    left = {size: one for one, size in sizes if size}
    for _ in range(ROUNDS):
        if not left:
            break
        try:
            amounts = {size: one.quantity for size, one in left.items()}
            await account.wb.put_stock(core, account.warehouse, amounts)
            break
        except Refusal as refusal:
            refused = _refused(refusal, left)
            answers |= {left[size].article: sent(left[size], code, again)
                        for size, (code, again) in refused.items()}  # fmt: skip
            left = {size: one for size, one in left.items() if size not in refused}
    lost = await _not_there(core, account, left)
    for size, one in left.items():
        answers[one.article] = sent(one, NOT_TAKEN, SOON) if size in lost else sent(one)
    return [answers.get(one.article) or sent(one) for one in due]


def _refused(refusal: Refusal, left: Mapping[int, StockDue]) -> dict[int, tuple[str, int]]:
    """(code, seconds) of each size that was refused; all of them, where WB names none."""
    if refusal.status not in (BLOCKED, CONFLICT):
        return dict.fromkeys(left, ("warehouse_unknown", LATER))
    found: dict[int, tuple[str, int]] = {}
    everything = ("wb_refused", LATER)
    for error in _errors(refusal):
        code = mapping.refusal_of(error.code)
        verdict = (code, SOON if code == BUSY else LATER)
        named = [row.chrt_id for row in error.data if row.chrt_id in left]
        found |= dict.fromkeys(named, verdict)
        if not named:
            everything = verdict
    return found or dict.fromkeys(left, everything)


def _errors(refusal: Refusal) -> list[StockError]:
    """A list with 409, one alone with 406."""
    try:
        return msgspec.convert(refusal.data, list[StockError], strict=False)
    except msgspec.ValidationError:
        return [StockError(code=refusal.word)]


async def _not_there(core: Core, account: Account, left: Mapping[int, StockDue]) -> set[int]:
    """Sizes whose figure is not what was just told, of those that were never read back."""
    house = account.warehouse
    fresh = [size for size in left if (account.code, house, size) not in _proved]
    if not fresh:
        return set()
    there = await account.wb.stock(core, house, fresh)
    # An order between the two requests is no loss: then it is told once more, and read once more.
    lost = {size for size in fresh if there.get(size, 0) != left[size].quantity}
    _proved.update((account.code, house, size) for size in fresh if size not in lost)
    return lost
