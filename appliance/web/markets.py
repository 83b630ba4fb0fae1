"""«Маркетплейсы»: offers to match, buffers, what each account is told; deeds of a posting."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk as desk_actions
from appliance.actions import market_desk, order_forms
from appliance.domain import formats, inputs
from appliance.errors import Conflict, HouseError, Invalid
from appliance.plugin_api.postings import Reasons
from appliance.web import market_words, order_cards
from appliance.web.answers import WebRequest, site_of, told
from appliance.web.orders import word
from appliance.web.screens import (
    counts_for,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.shell import N_

HOME: Final = "/catalog/markets"
LONGEST_COUNT: Final = 4
"""Digits of a number of boxes."""
VIEWS: Final = (
    ("unmatched", N_("Несопоставленные")),
    ("refused", N_("Отказы")),
    ("all", N_("Сопоставленные")),
)


class MarketPages(Controller):
    """Offers and accounts."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show offers, and accounts beside them."""
        return await _page(request)

    @post("/goods")
    async def goods(self, request: WebRequest) -> Response[Any]:
        """Goods for a fragment, to match an offer with."""
        reader, form = reader_of(request), await request.form()
        text = word(form, "find").strip()
        found = await order_forms.goods(reader.actor, text)
        return draw(
            request,
            reader,
            "markets/goods.html",
            found=found,
            text=text,
            offer=request.query_params.get("offer", ""),
        )

    @post("/offers/{offer:uuid}/match")
    async def match(self, request: WebRequest, offer: FromPath[UUID]) -> Response[Any]:
        """Say which variant an offer means."""
        reader, form = reader_of(request), await request.form()
        number = word(form, "variant")
        done = await market_desk.match(reader.actor, offer, int(number) if number.isdigit() else 0)
        text = reader._("Предложение сопоставлено")
        if done:
            more = reader.ngettext("обновлён %(num)s заказ", "обновлено %(num)s заказов", done)
            text = f"{text}, {more}"
        return await _page(request, headers=toast(text))

    @post("/offers/{offer:uuid}/buffer")
    async def buffer(self, request: WebRequest, offer: FromPath[UUID]) -> Response[Any]:
        """Keep some of one offer back."""
        reader, form = reader_of(request), await request.form()
        text = word(form, "buffer").strip()
        try:
            milli = inputs.quantity(text) if text else None
            await market_desk.set_buffer(reader.actor, offer, milli)
        except Invalid as error:
            return await _page(request, error=told(request, error))
        return await _page(request, headers=toast(reader._("Запас изменён")))

    @post("/{number:int}/set-up")
    async def set_up(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Say what an account is told."""
        reader, form = reader_of(request), await request.form()
        text = word(form, "buffer").strip()
        try:
            await market_desk.set_up(
                reader.actor,
                number,
                warehouse=word(form, "warehouse"),
                price_type=word(form, "price_type"),
                buffer_milli=inputs.quantity(text) if text else 0,
                sends_stock=word(form, "sends_stock") == "1",
                sends_price=word(form, "sends_price") == "1",
            )
        except Invalid as error:
            return await _page(request, error=told(request, error))
        return refreshed()

    @post("/{number:int}/again")
    async def again(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Have what was refused sent again."""
        reader = reader_of(request)
        done = await market_desk.try_again(reader.actor, number)
        text = reader.ngettext(
            "Отправим ещё раз %(num)s товар", "Отправим ещё раз %(num)s товаров", done
        )
        return await _page(request, headers=toast(text))


async def _page(
    request: WebRequest, *, error: str = "", headers: dict[str, str] | None = None
) -> Response[Any]:
    reader, asked = reader_of(request), request.query_params
    which = asked.get("view", "unmatched")
    account = asked.get("account", "")
    after = asked.get("after", "")
    found = await market_desk.screen(
        reader.actor,
        which,
        int(account) if account.isdigit() else 0,
        UUID(after) if len(after) == len(str(UUID(int=0))) else None,
    )
    titles = {one.number: one.title for one in found.accounts}
    codes = await desk_actions.names(reader.actor)
    return draw(
        request,
        reader,
        "markets/page.html",
        status=422 if error else 200,
        headers=headers,
        look=look_of(request),
        shell=shell_of(request, reader, "catalog", await counts_for(reader), codes),
        which=which,
        views=[(code, reader._(name)) for code, name in VIEWS],
        account=account,
        accounts=[
            {
                "number": one.number,
                "market": market_words.market_name(one.market),
                "title": one.title,
                "offers": one.offers,
                "unmatched": one.unmatched,
                "refused": one.refused,
                "warehouse": one.warehouse,
                "warehouse_name": dict(found.warehouses).get(one.warehouse, ""),
                "price_type": one.price_type,
                "price_name": dict(found.price_types).get(one.price_type, one.price_type),
                "buffer": formats.quantity(one.buffer_milli, reader.language),
                "sends_stock": one.sends_stock,
                "sends_price": one.sends_price,
            }
            for one in found.accounts
        ],
        warehouses=[("", reader._("основной")), *found.warehouses],
        price_types=list(found.price_types),
        rows=[market_words.offer_row(reader, one, titles) for one in found.offers],
        next=_address(which, account, str(found.after)) if found.after else None,
        here=_address(which, account, ""),
        error=error,
    )


def _address(which: str, account: str, after: str) -> str:
    parts = [f"view={which}"]
    parts += [
        f"{name}={value}" for name, value in (("account", account), ("after", after)) if value
    ]
    return f"{HOME}?{'&'.join(parts)}"


class PostingDeeds(Controller):
    """What is wished of a marketplace from an order's card."""

    path = "/orders/{number:int}/posting"

    @get("/cancel")
    async def cancel_window(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Ask the marketplace for its reasons, and show them."""
        reader = reader_of(request)
        plugin, asked, shown = await market_desk.asking(reader.actor, number)
        desk, error, code, reasons = site_of(request).desk, "", "", ()
        try:
            if desk is not None:
                found: Reasons = await desk.ask(plugin, "market.reasons", asked)
                reasons = tuple((one.code, one.title) for one in found.reasons)
        except HouseError as refused:
            error, code = told(request, refused), refused.code
        return draw(
            request,
            reader,
            "markets/cancel.html",
            number=number,
            posting=shown.posting,
            market=market_words.market_name(shown.market),
            reasons=reasons,
            error=error,
            starting=code == "plugin_starting",
        )

    @post("/cancel")
    async def cancel(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Wish the cancellation; its window stands at the same address."""
        return await _wished(request, number, "cancel")

    @get("/codes")
    async def codes_window(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a field for the codes of every line that wants some."""
        reader = reader_of(request)
        _, _, shown = await market_desk.asking(reader.actor, number)
        return draw(
            request,
            reader,
            "markets/codes.html",
            number=number,
            lines=[
                {
                    "position": one.position,
                    "name": one.name,
                    "quantity": one.quantity,
                    "kinds": ", ".join(
                        reader._(market_words.KINDS.get(kind, kind)) for kind in one.requires
                    ),
                    "codes": "\n".join(code.partition(":")[2] or code for code in one.codes),
                }
                for one in shown.lines
                if one.requires
            ],
        )

    @post("/codes")
    async def codes(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Keep the codes, and wish that the marketplace is told of them."""
        reader, form = reader_of(request), await request.form()
        given = {
            int(name.removeprefix("codes-")): tuple(
                line.strip() for line in str(text).splitlines() if line.strip()
            )
            for name, text in form.multi_items()
            if name.startswith("codes-") and name.removeprefix("codes-").isdigit()
        }
        try:
            await market_desk.put_codes(reader.actor, number, given)
            await market_desk.wish(reader.actor, number, "codes")
        except (Invalid, Conflict) as error:
            return await order_cards.show(request, number, headers=toast(told(request, error)))
        return await order_cards.show(
            request, number, headers=toast(reader._("Коды переданы на проверку"))
        )

    @post("/{deed:str}")
    async def wish(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Wish a deed that needs no window."""
        return await _wished(request, number, deed)


async def _wished(request: WebRequest, number: int, deed: str) -> Response[Any]:
    reader, form = reader_of(request), await request.form()
    text = word(form, "boxes").strip() or "1"
    try:
        await market_desk.wish(
            reader.actor,
            number,
            deed,
            word(form, "reason"),
            word(form, "message").strip(),
            int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_COUNT else 0,
        )
    except (Invalid, Conflict) as error:
        return await order_cards.show(request, number, headers=toast(told(request, error)))
    said = market_words.WAITING.get(deed, "")
    return await order_cards.show(request, number, headers=toast(reader._(said)))


HANDLERS: Final = (MarketPages, PostingDeeds)
