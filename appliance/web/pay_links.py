"""Payment by link on an order's card: asked for, copied, held money taken, money given back."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk, pay_links
from appliance.domain import formats, inputs
from appliance.domain.desk import Codes
from appliance.domain.paying import SETTLED, AttemptState, AttemptView, RefundState, RefundView
from appliance.domain.receipts import ReceiptKind, ReceiptState, ReceiptView
from appliance.errors import Conflict, HouseError, Invalid, NotFound
from appliance.http.errors import status_of
from appliance.roles import Permission
from appliance.web import pay_words
from appliance.web.answers import WebRequest, site_of, told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of, toast
from appliance.web.shell import N_

REFUNDS: Final = {
    RefundState.CREATED: N_("отправляется"),
    RefundState.PENDING: N_("обрабатывается"),
    RefundState.DONE: N_("возвращено"),
    RefundState.FAILED: N_("не прошёл"),
}
RECEIPTS: Final = {
    ReceiptState.WAITING: N_("чек регистрируется"),
    ReceiptState.DONE: N_("чек зарегистрирован"),
    ReceiptState.FAILED: N_("чек не зарегистрирован"),
}
KINDS: Final = {
    ReceiptKind.PAYMENT: N_("приход"),
    ReceiptKind.REFUND: N_("возврат"),
    ReceiptKind.HAND_OVER: N_("зачёт предоплаты"),
}


class PayLinks(Controller):
    """The window «Оплата по ссылке»."""

    path = "/orders/{number:int}/pay-links"

    @get()
    async def index(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show the order's links."""
        return await _window(request, number)

    @post()
    async def ask(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Have a link made."""
        reader, form = reader_of(request), await request.form()
        running = pay_words.providers(request)
        try:
            plugin = word(form, "plugin") or (running[0] if running else "")
            if plugin not in running:
                raise Invalid("payments_off")
            typed = word(form, "amount").strip()
            await pay_links.ask(
                reader.actor,
                number,
                plugin,
                inputs.money(typed) if typed else None,
                two_stage="two_stage" in form,
            )
        except (Invalid, Conflict) as error:
            return await _window(request, number, error=error)
        return await _window(request, number, said=reader._("Ссылка запрошена"))

    @post("/{attempt_id:uuid}/{deed:str}")
    async def act(
        self,
        request: WebRequest,
        number: FromPath[int],
        attempt_id: FromPath[UUID],
        deed: FromPath[str],
    ) -> Response[Any]:
        """Take a link back, take its money, give it back."""
        reader, form = reader_of(request), await request.form()
        try:
            if deed == "refund":
                typed = word(form, "amount").strip()
                await pay_links.refund(
                    reader.actor, attempt_id, inputs.money(typed) if typed else None
                )
            elif deed == "capture":
                await pay_links.capture(reader.actor, attempt_id)
            elif deed == "take-back":
                await pay_links.take_back(reader.actor, attempt_id)
            else:
                raise NotFound("not_found")
        except (Invalid, Conflict) as error:
            return await _window(request, number, error=error)
        return await _window(request, number)


async def _window(
    request: WebRequest, number: int, *, said: str = "", error: HouseError | None = None
) -> Response[Any]:
    reader = reader_of(request)
    found = await pay_links.of_order(reader.actor, number)
    codes = await desk.names(reader.actor)
    running = pay_words.providers(request)
    active = next((one for one in found.attempts if one.state in _ACTIVE), None)
    return draw(
        request,
        reader,
        "orders/pay_links.html",
        status=status_of(error) if error else 200,
        headers=toast(said) if said else None,
        number=number,
        order_id=found.order_id,
        shown=formats.order_number(number),
        problem="" if error is None else told(request, error),
        due=formats.money(found.due, reader.language, sign=False) if found.due > 0 else "",
        may=found.may,
        may_write=reader.may(Permission.LETTER_SEND),
        may_text=reader.may(Permission.MESSAGE_SEND),
        paid=found.due <= 0,
        asks=found.may and found.due > 0 and active is None and bool(running),
        plugins=[(name, _title(request, reader, name)) for name in running],
        rows=[
            _row(request, reader, one, found.refunds.get(one.id, ()), codes)
            for one in found.attempts
        ],
        receipts=[_receipt(reader, one) for one in found.receipts],
    )


_ACTIVE: Final = (AttemptState.CREATED, AttemptState.PENDING, AttemptState.AUTHORIZED)


def _title(request: WebRequest, reader: Reader, name: str) -> str:
    host = site_of(request).desk
    lying = None if host is None else host.shelf.lying(name)
    if lying is None or lying.manifest is None:
        return name
    return lying.manifest.title.of(reader.language)


def _row(
    request: WebRequest,
    reader: Reader,
    one: AttemptView,
    back: tuple[RefundView, ...],
    codes: Codes,
) -> dict[str, Any]:
    state, tone, shape = pay_words.STATES[one.state]
    language = reader.language
    going = sum(it.amount for it in back if it.state in (RefundState.CREATED, RefundState.PENDING))
    left = one.paid - one.refunded - going
    until = one.capture_by if one.state is AttemptState.AUTHORIZED else None
    return {
        "id": one.id,
        "amount": formats.money(one.amount, language),
        "state": reader._(state),
        "tone": tone,
        "shape": shape,
        "test": one.test,
        "starting": one.state is AttemptState.CREATED
        and pay_words.is_starting(request, one.plugin),
        "url": one.url if one.state is AttemptState.PENDING else "",
        "reason": pay_words.reason(request, reader, one),
        "made": formats.moment_short(one.created_at, reader.now, reader.zone, language),
        "who": codes.name_of(one.made_by),
        "until": ""
        if until is None
        else formats.moment_short(until, reader.now, reader.zone, language),
        "may_stop": one.state in _ACTIVE and not one.wished.startswith("ca"),
        "may_capture": one.state is AttemptState.AUTHORIZED and not one.wished,
        "working": one.wished in ("capture", "cancel"),
        "left": formats.money(left, language, exact=True, sign=False)
        if one.state in SETTLED and left > 0
        else "",
        "refunds": [
            (formats.money(it.amount, language), reader._(REFUNDS[it.state]), it.state.value)
            for it in back
        ],
    }


def _receipt(reader: Reader, one: ReceiptView) -> dict[str, Any]:
    return {
        "kind": reader._(KINDS[one.kind]),
        "state": reader._(RECEIPTS[one.state]),
        "tone": {"done": "ok", "failed": "bad"}.get(one.state.value, "info"),
        "shape": {"done": "check", "failed": "cross"}.get(one.state.value, "half"),
        "total": formats.money(one.total, reader.language),
        "told": one.told,
    }
