"""Documents that move stock: list, a new one, the document with its scanner field."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from appliance.actions import catalogue, stock_documents
from appliance.actions import desk as desk_actions
from appliance.domain import formats, inputs, stock_files
from appliance.domain.personal import Personal
from appliance.domain.stockroom import (
    COUNTS,
    REASONS,
    DocumentCard,
    DocumentDraft,
    DocumentKind,
    DocumentLine,
    DocumentRow,
    DocumentState,
)
from appliance.errors import Conflict, HouseError, Invalid
from appliance.roles import Permission
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.orders import cursor, word
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.shell import N_

KINDS: Final = {
    DocumentKind.RECEIPT: (N_("Поступление"), "arrow-down", N_("товар от поставщика")),
    DocumentKind.MOVE: (N_("Перемещение"), "truck", N_("с одного склада на другой")),
    DocumentKind.WRITE_OFF: (N_("Списание"), "trash-2", N_("с причиной")),
    DocumentKind.COUNT: (N_("Инвентаризация"), "scan-barcode", N_("пересчёт сканером")),
    DocumentKind.RETURN: (N_("Возврат от покупателя"), "rotate-ccw", N_("по номеру заказа")),
    DocumentKind.OPENING: (N_("Начальные остатки"), "file-text", N_("из файла CSV")),
}
SHORT: Final = {DocumentKind.RETURN: N_("Возврат"), DocumentKind.OPENING: N_("Начальные")}
"""Names that are too long for the row of views."""
STATES: Final = {
    DocumentState.DRAFT: (N_("черновик"), "grey", "ring"),
    DocumentState.SENT: (N_("в пути"), "info", "half"),
    DocumentState.POSTED: (N_("проведён"), "ok", "check"),
    DocumentState.UNDONE: (N_("отменён"), "bad", "cross"),
}
WHY: Final = {
    "damaged": N_("повреждено"),
    "expired": N_("вышел срок"),
    "lost": N_("потеряно"),
    "own_use": N_("на свои нужды"),
    "gift": N_("подарок или образец"),
}


def _shown_as(reader: Reader, kind: str, *, drafts: bool) -> str:
    """What the list shows, in a word."""
    if kind:
        one = DocumentKind(kind)
        return reader._(SHORT.get(one, KINDS[one][0]))
    return reader._("Черновики") if drafts else reader._("Все")


class StockPages(Controller):
    """Documents that move stock."""

    path = "/stock"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a page of documents."""
        reader, query = reader_of(request), request.query_params
        kind = query.get("kind", "")
        kind = kind if kind in set(DocumentKind) else ""
        after = cursor(query.get("after"))
        drafts = query.get("state") == DocumentState.DRAFT and not kind
        found = await stock_documents.page(reader.actor, kind, after, drafts=drafts)
        names = dict((await catalogue.names(reader.actor)).warehouses)
        codes = await desk_actions.names(reader.actor)
        start = f"/stock?kind={kind}" if kind else "/stock?state=draft" if drafts else "/stock"
        return draw(
            request,
            reader,
            "stock/list.html",
            look=look_of(request),
            shell=shell_of(request, reader, "stock", await counts_for(reader), codes),
            rows=[_row(reader, one, names, codes.name_of(one.made_by)) for one in found.rows],
            kinds=_kinds(reader),
            views=[(one.value, reader._(SHORT.get(one, KINDS[one][0]))) for one in KINDS],
            kind=kind,
            shown_as=_shown_as(reader, kind, drafts=drafts),
            drafts=drafts,
            here=start if after is None else f"{start}{'&' if '?' in start else '?'}after={after}",
            first=start if after else "",
            next=""
            if found.after is None
            else f"{start}{'&' if '?' in start else '?'}after={found.after}",
        )

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show the form of a new document."""
        return await _form(request, dict(request.query_params), {})

    @post("/new")
    async def add(self, request: WebRequest) -> Response[Any]:
        """Begin a document."""
        form, reader = await request.form(), reader_of(request)
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        try:
            number = await stock_documents.create(reader.actor, _draft(values))
        except Invalid as error:
            return await _form(request, values, dict(error.fields) or {"warehouse": error.code})
        return go(request, f"/stock/{number}")

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a document."""
        return await _card(request, number)

    @post("/{number:int}/scan")
    async def scan(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Count one more of what the scanner read."""
        reader, code = reader_of(request), word(await request.form(), "code")[:255]
        try:
            variant = await stock_documents.scan(reader.actor, number, code)
        except Invalid as error:
            return await _card(request, number, error=_said(reader, error), scanned=code)
        return await _card(request, number, touched=variant)

    @post("/{number:int}/lines/{variant:int}")
    async def put(
        self, request: WebRequest, number: FromPath[int], variant: FromPath[int]
    ) -> Response[Any]:
        """Set a line's quantity and price."""
        form, reader = await request.form(), reader_of(request)
        try:
            quantity = inputs.quantity(word(form, "quantity"))
            typed = word(form, "price").strip()
            price = inputs.money(typed) if typed else None
            await stock_documents.put_line(reader.actor, number, variant, quantity, price)
        except Invalid as error:
            return await _card(request, number, error=_said(reader, error), wrong=variant)
        return await _card(request, number, touched=variant)

    @post("/{number:int}/lines/{variant:int}/drop")
    async def drop(
        self, request: WebRequest, number: FromPath[int], variant: FromPath[int]
    ) -> Response[Any]:
        """Take a line off."""
        await stock_documents.drop_line(reader_of(request).actor, number, variant)
        return await _card(request, number)

    @post("/{number:int}/file")
    async def file(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take the lines of a file."""
        form, reader = await request.form(), reader_of(request)
        given = form.get("file")
        data = await given.read() if isinstance(given, UploadFile) else b""
        try:
            lines = stock_files.read(data)
            missing = await stock_documents.fill(reader.actor, number, lines)
        except Invalid as error:
            return await _card(request, number, error=_said(reader, error))
        if not missing:
            return await _card(request, number)
        rows = ", ".join(str(one) for one in missing[:20])
        text = reader._("Не найдены товары в строках файла: %(rows)s") % {"rows": rows}
        return await _card(request, number, error=text)

    @post("/{number:int}/post")
    async def post_(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Do what the document says."""
        reader, version = reader_of(request), word(await request.form(), "version")
        try:
            await stock_documents.post(
                reader.actor, number, int(version) if version.isdigit() else None
            )
        except (Invalid, Conflict) as error:
            return await _card(request, number, error=_said(reader, error))
        text = reader._("Документ № %(number)s проведён") % {"number": number}
        return await _card(request, number, headers=toast(text, f"/stock/{number}/undo"))

    @post("/{number:int}/receive")
    async def receive(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take in at the target what a move sent."""
        await stock_documents.receive(reader_of(request).actor, number)
        return await _card(request, number)

    @post("/{number:int}/undo")
    async def undo(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Post the reverse; a draft is only put aside."""
        reader = reader_of(request)
        try:
            was = await stock_documents.undo(reader.actor, number)
        except (Invalid, Conflict) as error:
            return await _card(request, number, error=_said(reader, error))
        if was is not DocumentState.DRAFT:
            return await _card(request, number)
        text = reader._("Черновик № %(number)s удалён") % {"number": number}
        return await _card(request, number, headers=toast(text, f"/stock/{number}/reopen"))

    @post("/{number:int}/reopen")
    async def reopen(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take up a draft that was put aside."""
        await stock_documents.reopen(reader_of(request).actor, number)
        return refreshed()


HANDLERS: Final = (StockPages,)


def _said(reader: Reader, error: HouseError) -> str:
    """The sentence, with quantities as people write them."""
    params: dict[str, str | int] = dict(error.params)
    for name in ("free", "needed"):
        if isinstance(params.get(name), int):
            params[name] = formats.quantity(int(params[name]), reader.language)
    return texts.error(error.code, reader.language, params).title


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 12 else 0


def _draft(values: dict[str, str]) -> DocumentDraft:
    kind = values.get("kind", "")
    order = values.get("order", "").strip()
    number = 0
    if order:
        try:
            number = inputs.order_number(order)
        except Invalid as error:
            raise Invalid(error.code, fields={"order": error.code}) from None
    return DocumentDraft(
        kind=DocumentKind(kind) if kind in set(DocumentKind) else DocumentKind.RECEIPT,
        warehouse=values.get("warehouse", ""),
        target=values.get("target", ""),
        order_number=number,
        reason=values.get("reason", ""),
        outside_number=values.get("outside_number", ""),
        supplier_number=_whole(values.get("supplier_number", "")),
        supplier=Personal(values.get("supplier", "")),
        comment=Personal(values.get("comment", "")),
    )


async def _form(
    request: WebRequest, values: dict[str, str], errors: dict[str, str]
) -> Response[Any]:
    reader = reader_of(request)
    named = await catalogue.names(reader.actor)
    codes = await desk_actions.names(reader.actor)
    kind = values.get("kind", "")
    kind = kind if kind in set(DocumentKind) else "receipt"
    kept = (
        "warehouse", "target", "order", "reason", "outside_number", "supplier_number", "supplier",
        "comment",
    )  # fmt: skip
    suppliers = await stock_documents.choose_supplier(reader.actor) if kind == "receipt" else ()
    return draw(
        request,
        reader,
        "stock/form.html",
        status=422 if errors else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "stock", await counts_for(reader), codes),
        kind=kind,
        kinds=_kinds(reader),
        title=reader._(KINDS[DocumentKind(kind)][0]),
        values={name: values.get(name, "") for name in kept},
        errors=dict.fromkeys(kept, "")
        | {name: texts.error(code, reader.language, {}).title for name, code in errors.items()},
        warehouses=list(named.warehouses),
        suppliers=suppliers,
        reasons=[(code, reader._(WHY[code])) for code in REASONS],
    )


def _kinds(reader: Reader) -> list[tuple[str, str, str, str]]:
    return [
        (kind.value, reader._(name), icon, reader._(hint))
        for kind, (name, icon, hint) in KINDS.items()
    ]


def _row(reader: Reader, one: DocumentRow, names: dict[str, str], maker: str) -> dict[str, Any]:
    state, tone, shape = STATES[one.state]
    place = names.get(one.warehouse, one.warehouse)
    return {
        "number": one.number,
        "href": f"/stock/{one.number}",
        "kind": reader._(KINDS[one.kind][0]),
        "icon": KINDS[one.kind][1],
        "state": reader._(state),
        "tone": tone,
        "shape": shape,
        "place": f"{place} → {names.get(one.target, one.target)}" if one.target else place,
        "lines": formats.number(one.lines, reader.language),
        "quantity": formats.quantity(one.quantity_milli, reader.language),
        "total": formats.money(one.total, reader.language) if one.total else "",
        "maker": maker,
        "when": formats.moment_short(one.made_at, reader.now, reader.zone, reader.language),
    }


async def _card(
    request: WebRequest,
    number: int,
    *,
    error: str = "",
    touched: int = 0,
    wrong: int = 0,
    scanned: str = "",
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found = await stock_documents.card(reader.actor, number)
    names = dict((await catalogue.names(reader.actor)).warehouses)
    codes = await desk_actions.names(reader.actor)
    head = found.head
    line = next((one for one in found.lines if one.variant == touched), None)
    return draw(
        request,
        reader,
        "stock/card.html",
        headers=headers,
        look=look_of(request),
        shell=shell_of(request, reader, "stock", await counts_for(reader), codes),
        doc=_row(reader, head, names, codes.name_of(head.made_by)),
        card=found,
        draft=head.state is DocumentState.DRAFT,
        sent=head.state is DocumentState.SENT,
        undone=head.state is DocumentState.UNDONE,
        counts=head.kind in COUNTS,
        opening=head.kind is DocumentKind.OPENING,
        priced=found.sees_cost and head.kind in {DocumentKind.RECEIPT, DocumentKind.OPENING},
        supplier=f"/clients/{found.supplier_number}"
        if found.supplier_number and reader.may(Permission.CUSTOMER_VIEW)
        else "",
        why=reader._(WHY[found.reason]) if found.reason in WHY else "",
        order=formats.order_number(found.order_number) if found.order_number else "",
        lines=[_line(reader, found, one) for one in found.lines],
        error=error,
        wrong=wrong,
        touched=touched,
        touched_text="" if line is None else _touched(reader, line),
        scanned=scanned,
    )


def _touched(reader: Reader, line: DocumentLine) -> str:
    return reader._("%(name)s: %(count)s") % {
        "name": line.name,
        "count": formats.quantity(line.quantity_milli, reader.language),
    }


def _line(reader: Reader, found: DocumentCard, one: DocumentLine) -> dict[str, Any]:
    language = reader.language
    difference = one.quantity_milli - one.there_milli
    return {
        "variant": one.variant,
        "href": f"/catalog/{one.product}",
        "name": one.name,
        "sku": one.sku,
        "barcode": one.barcode,
        "quantity": formats.quantity(one.quantity_milli, language).replace("\u00a0", ""),
        "there": formats.quantity(one.there_milli, language),
        "free": formats.quantity(one.free_milli, language),
        "difference": ("+" if difference > 0 else "") + formats.quantity(difference, language),
        "tone": "ok" if difference > 0 else "bad" if difference < 0 else "",
        "price": "" if one.price is None else formats.money(one.price, language).rstrip("\u00a0₽"),
        "sum": ""
        if one.price is None
        else formats.money((one.price * one.quantity_milli + 500) // 1000, language),
        "asked": ""
        if one.asked is None or found.head.kind is not DocumentKind.RECEIPT or found.posted_at
        else (
            reader._("поставщик просит %(sum)s")
            if found.supplier_number
            else reader._("поставщики просят от %(sum)s")
        )
        % {"sum": formats.money(one.asked, language, exact=True)},
        "short": found.head.kind in {DocumentKind.WRITE_OFF, DocumentKind.MOVE}
        and one.quantity_milli > one.free_milli,
    }
