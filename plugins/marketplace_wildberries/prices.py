"""Prices out: WB takes an upload, works at it, and says later what became of each card.

A price is of a card, not of a size. What was uploaded waits in `uploads` until WB has said what
it did with it; `priced` keeps what the sizes of a card cost, so that none is sold for another's
price unseen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK, LATER, for_each, ids_of, priced, send_prices
from appliance.plugin_api.postings import PriceDue, PriceSent
from plugins.marketplace_wildberries import client, mapping
from plugins.marketplace_wildberries.accounts import MARKET, WAYS, Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.shapes import GoodState

KEYS: Final = 1000
SOON: Final = 90
"""Seconds: WB works at an upload for about a minute."""
LOST: Final = timedelta(hours=6)
"""An upload that WB says nothing of for so long is told anew."""
WAITS: Final = "price_waits"
DIFFERS: Final = "price_differs"
DONE: Final = 3
CANCELLED: Final = 4
IN_PART: Final = (5, 6)
TAKEN: Final = 2


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A price that WB works at."""

    upload: int
    article: str
    nm: int
    chrt: int
    price: int
    at: datetime


async def send(core: Core) -> None:
    """Tell every account its prices; one of zero never goes."""

    async def one(account: Account) -> None:
        wants = await core.markets.open(account.code, MARKET, account.title)
        if wants.sends_price:
            await _settle(core, account)
            await _send(core, account)

    await for_each(WAYS.of(core), one)


async def _waiting(core: Core, account: Account) -> list[Told]:
    found: list[Told] = []
    after: tuple[Value, ...] = ()
    while rows := await core.rows_scan("uploads", within=(account.code,), after=after, limit=KEYS):
        found += [msgspec.convert(dict(row.values), Told, strict=False) for row in rows]
        after = (account.code, found[-1].upload, found[-1].article)
    return found


# --- what WB says of uploads ---


async def _settle(core: Core, account: Account) -> None:
    by_upload: dict[int, list[Told]] = {}
    for one in await _waiting(core, account):
        by_upload.setdefault(one.upload, []).append(one)
    for upload, told in by_upload.items():
        answers = await _answers(core, account, upload, told)
        if answers is None:
            continue
        for start in range(0, len(told), KEYS):
            part = answers[start : start + KEYS]
            await core.markets.prices_sent(account.code, part)
            good = [one for one, said in zip(told[start : start + KEYS], part, strict=True)
                    if not said.code]  # fmt: skip
            await _keep_priced(core, account, good)
            await core.rows_delete(
                "uploads",
                [(account.code, upload, one.article) for one in told[start : start + KEYS]],
            )
        await _say(core, answers)


async def _answers(
    core: Core, account: Account, upload: int, told: Sequence[Told]
) -> list[PriceSent] | None:
    """What became of each; None: WB has not said it yet."""
    status = await account.wb.upload(core, upload)
    if status == DONE:
        return [_sent(one) for one in told]
    if status == CANCELLED:
        return [_sent(one, "price_cancelled") for one in told]
    if status in IN_PART:
        said = await account.wb.upload_goods(core, upload)
        return [_sent(one, _code(said.get(one.nm))) for one in told]
    if CLOCK.now() - told[0].at > LOST:
        return [_sent(one, "no_answer") for one in told]
    return None


def _code(said: GoodState | None) -> str:
    if said is None:
        return "no_answer"
    if said.status == TAKEN:
        return ""
    return "price_quarantine" if "quarantine" in said.error_text.lower() else "invalid_price"


def _sent(one: Told, code: str = "") -> PriceSent:
    return PriceSent(
        article=one.article, price=one.price, code=code, again_after=LATER if code else 0
    )


async def _keep_priced(core: Core, account: Account, good: Sequence[Told]) -> None:
    rows = [
        Row(values={"account": account.code, "nm": one.nm, "chrt": one.chrt, "price": one.price})
        for one in good
    ]
    if rows:
        await core.rows_put("priced", rows)


async def _say(core: Core, answers: Sequence[PriceSent]) -> None:
    refused = [one for one in answers if one.code]
    if refused:
        await core.journal(
            "price_refused", direction="out", state="warn", rows=len(refused),
            why=refused[0].code, article=refused[0].article[:100],
        )  # fmt: skip


# --- what goes ---


async def _send(core: Core, account: Account) -> None:
    async def put(due: Sequence[PriceDue]) -> list[PriceSent]:
        return await _put(core, account, due)

    await send_prices(core, account.code, client.PRICES, put, {WAITS})


async def _put(core: Core, account: Account, due: Sequence[PriceDue]) -> list[PriceSent]:
    waiting = {(one.article, one.price) for one in await _waiting(core, account)}
    answers: dict[str, PriceSent] = {}
    cards: dict[int, list[tuple[int, PriceDue]]] = {}
    for one in due:
        ids = ids_of(one, "nm", "chrt")
        if (one.article, one.price) in waiting:
            answers[one.article] = priced(one, WAITS, SOON)
        elif not ids:
            answers[one.article] = priced(one, "not_in_catalogue", LATER)
        else:
            cards.setdefault(ids["nm"], []).append((ids["chrt"], one))
    for nm in [nm for nm, sizes in cards.items() if await _differs(core, account, nm, sizes)]:
        answers |= {one.article: priced(one, DIFFERS, LATER) for _, one in cards.pop(nm)}
    if cards:
        code = await _upload(core, account, cards)
        again = SOON if code == WAITS else LATER
        answers |= {one.article: priced(one, code, again)
                    for sizes in cards.values() for _, one in sizes}  # fmt: skip
    return [answers[one.article] for one in due]


async def _differs(
    core: Core, account: Account, nm: int, sizes: Sequence[tuple[int, PriceDue]]
) -> bool:
    """Whether sizes of one card would have to cost differently."""
    going = {size for size, _ in sizes}
    wanted = {one.price for _, one in sizes}
    rows = await core.rows_scan("priced", within=(account.code, nm))
    wanted |= {int(row.values["price"] or 0) for row in rows
               if int(row.values["chrt"] or 0) not in going}  # fmt: skip
    return len(wanted) > 1


async def _upload(
    core: Core, account: Account, cards: dict[int, list[tuple[int, PriceDue]]]
) -> str:
    rows: list[dict[str, int]] = []
    for nm, sizes in cards.items():
        row = {"nmID": nm, "price": mapping.roubles(sizes[0][1].price)}
        rows.append(row if account.discount is None else {**row, "discount": account.discount})
    try:
        upload = await account.wb.put_prices(core, rows)
    except Refusal as refusal:
        return refusal.word.lower()[:60] or "invalid_price"
    at = CLOCK.now().isoformat()
    told = [
        Row(
            values={
                "account": account.code,
                "upload": upload,
                "article": one.article,
                "nm": nm,
                "chrt": chrt,
                "price": one.price,
                "at": at,
            }
        )
        for nm, sizes in cards.items()
        for chrt, one in sizes
    ]
    await core.rows_put("uploads", told)
    return WAITS
