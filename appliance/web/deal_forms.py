"""Forms of deals: a new one, an edit, and the window that asks for what a stage needs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from litestar import Response
from litestar.datastructures import FormMultiDict

from appliance.actions import customers, deal_desk, deals
from appliance.domain import formats, inputs
from appliance.domain.customers import CustomerBrief
from appliance.domain.deal_screens import DealScreen
from appliance.domain.deals import (
    DealChange,
    DealDraft,
    DealLineDraft,
    DealLineView,
    Funnels,
    Pipeline,
    StageKind,
)
from appliance.domain.desk import Codes
from appliance.domain.orders import UNSET, SourceMarks, Unset
from appliance.domain.personal import Personal
from appliance.errors import Conflict, HouseError, Invalid, NotFound
from appliance.roles import Permission
from appliance.web import deal_rows, merging, order_rows, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

V = TypeVar("V")
FORM: Final = "deals/form.html"
BLANK_LINES: Final = 3
MOST_FOUND: Final = 8


class _Typed:
    """Reads a form's fields and collects what cannot be read."""

    def __init__(self, form: FormMultiDict, today: date) -> None:
        self._form, self._today = form, today
        self.wrong: dict[str, str] = {}

    def text(self, name: str) -> str:
        return word(self._form, name).strip()

    def money(self, name: str) -> int | None:
        return self._read(name, self.text(name), inputs.money)

    def day(self, name: str) -> date | None:
        def reads(text: str) -> date:
            return inputs.day(text, self._today)

        return self._read(name, self.text(name), reads)

    def _read(self, name: str, text: str, reads: Callable[[str], V]) -> V | None:
        if not text:
            return None
        try:
            return reads(text)
        except Invalid as error:
            self.wrong[name] = error.code
            return None

    def lines(self) -> tuple[DealLineDraft, ...]:
        """Goods; rows without a name are no rows."""
        found: list[DealLineDraft] = []
        for name, quantity, price in typed_lines(self._form):
            if not name:
                continue
            field = f"lines.{len(found)}"
            milli = self._read(field, quantity, inputs.quantity)
            kopecks = self._read(field, price, inputs.money)
            found.append(
                DealLineDraft(
                    name=name, quantity_milli=1000 if milli is None else milli, price=kopecks
                )
            )
        return tuple(found)

    def check(self) -> None:
        """Refuse what could not be read.

        Raises:
            Invalid: with the fields.
        """
        if self.wrong:
            raise Invalid(next(iter(self.wrong.values())), fields=self.wrong)


def typed_lines(form: FormMultiDict) -> list[tuple[str, str, str]]:
    """Name, quantity and price of every row of goods, as typed."""
    parts = [
        [str(one).strip() for one in form.getall(name, [])]
        for name in ("line_name", "line_quantity", "line_price")
    ]
    return [row for row in zip(*parts, strict=False) if any(row)]


def fill_of(form: FormMultiDict, reader: Reader) -> DealChange | None:
    """What the window of a gate sends along; None where there was no window.

    Raises:
        Invalid: what cannot be read, by field.
    """
    if "gate" not in form:
        return None
    return _change(form, reader)


def _change(form: FormMultiDict, reader: Reader) -> DealChange:
    """An edit of the fields that a form has."""
    typed = _Typed(form, reader.today)
    amount: int | Unset = UNSET
    if "amount" in form and typed.text("amount"):
        amount = typed.money("amount") or 0
    change = DealChange(
        title=Personal(typed.text("title")) if "title" in form else UNSET,
        note=Personal(typed.text("note")) if "note" in form else UNSET,
        amount=amount,
        expected_on=typed.day("expected_on") if "expected_on" in form else UNSET,
        source=typed.text("source") if "source" in form else UNSET,
        manager=(cursor(word(form, "manager")) or 0) if "manager" in form else UNSET,
        lines=typed.lines() if "line_name" in form else UNSET,
    )
    typed.check()
    return change


def sentences(reader: Reader, error: HouseError) -> dict[str, str]:
    """What is wrong with each field, in the reader's words."""
    if not isinstance(error, Invalid):
        return {}
    return {
        field: texts.error(code, reader.language, error.params).title
        for field, code in error.fields.items()
    }


def colleagues_of(codes: Codes) -> list[tuple[str, str]]:
    """Everybody who may lead a deal, as a choice."""
    return [(str(number), name) for number, name in codes.colleagues.items()]


def rows_of(typed: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Rows of goods, with empty ones to go on in."""
    blank = max(BLANK_LINES - len(typed), 1)
    return [*typed, *[("", "", "")] * blank]


# --- the form ---


async def blank(request: WebRequest) -> Response[Any]:
    """A new deal; pipeline, stage and client may come in the address."""
    reader, query = reader_of(request), request.query_params
    return await _form(
        request,
        reader,
        typed={
            "pipeline": query.get("pipeline", ""),
            "stage": query.get("stage", ""),
            "customer": query.get("client", ""),
        },
        lines=[],
    )


async def create(request: WebRequest) -> Response[Any]:
    """Make a deal of what was typed; what is wrong with it stands at its field."""
    form, reader = await request.form(), reader_of(request)
    try:
        made = await deals.create(reader.actor, _draft(form, reader))
    except (Invalid, NotFound) as error:
        return await _form(
            request, reader, typed=_typed(form), lines=typed_lines(form), error=error
        )
    return go(request, f"/deals/{made.number}")


def _draft(form: FormMultiDict, reader: Reader) -> DealDraft:
    typed = _Typed(form, reader.today)
    customer = cursor(word(form, "customer"))
    if customer is None:
        typed.wrong["customer"] = "deal_client_missing"
    draft = DealDraft(
        customer_number=customer or 0,
        title=Personal(typed.text("title")),
        stage=cursor(word(form, "stage")) or 0,
        amount=typed.money("amount"),
        expected_on=typed.day("expected_on"),
        note=Personal(typed.text("note")),
        manager_number=cursor(word(form, "manager")),
        source=SourceMarks(source=typed.text("source")),
        lines=typed.lines(),
    )
    typed.check()
    return draft


def _typed(form: FormMultiDict) -> dict[str, str]:
    names = ("customer", "title", "stage", "amount", "expected_on", "note", "source",
             "manager", "version")  # fmt: skip
    return {name: word(form, name) for name in names}


async def _form(
    request: WebRequest,
    reader: Reader,
    *,
    typed: Mapping[str, str],
    lines: Sequence[tuple[str, str, str]],
    error: HouseError | None = None,
    number: int | None = None,
    status: int = 422,
) -> Response[Any]:
    chosen = typed.get("customer", "")
    found = await deal_desk.form(
        reader.actor,
        int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0,
    )
    known, codes = found.funnels, found.codes
    line = known.pipeline(typed.get("pipeline", "")) or known.pipelines[0]
    wrong = {} if error is None else sentences(reader, error)
    if isinstance(error, NotFound):
        wrong = {"customer": told(request, error)}
    values = dict.fromkeys(("title", "amount", "expected_on", "note", "source", "version"), "")
    return draw(
        request,
        reader,
        FORM,
        status=200 if error is None else status,
        look=look_of(request),
        shell=shell_of(request, reader, "deals", await counts_for(reader), codes),
        number=number,
        typed={**values, "manager": "", "customer": "", **typed},
        lines=rows_of(lines),
        wrong=wrong,
        problem="" if error is None or wrong else told(request, error),
        client=None if found.client is None else _person(reader, found.client),
        line=line,
        **_choices(reader, known, line, codes),
    )


def _choices(reader: Reader, known: Funnels, line: Pipeline, codes: Codes) -> dict[str, Any]:
    lines = [one for one in known.pipelines if one.active]
    return {
        "stages": [
            (str(one.number), f"{of.name}: {one.name}" if len(lines) > 1 else one.name)
            for of in lines
            for one in of.open_stages
            if one.kind is StageKind.OPEN
        ],
        "first": str(line.open_stages[0].number),
        "colleagues": colleagues_of(codes),
        "may_assign": reader.may(Permission.DEAL_ASSIGN),
        "me": str(reader.actor.number),
    }


def _person(reader: Reader, one: CustomerBrief) -> dict[str, Any]:
    name, note, _ = order_rows.client_cell(reader, one)
    return {"number": one.number, "name": name, "note": note}


async def clients(request: WebRequest) -> Response[Any]:
    """Those whom a fragment finds, to choose one."""
    form, reader = await request.form(), reader_of(request)
    text = word(form, "who").strip()
    found = await customers.search(reader.actor, text, MOST_FOUND) if len(text) > 1 else []
    people = [_person(reader, one) for one in found]
    return draw(request, reader, "deals/clients.html", people=people, asked=len(text) > 1)


async def filled(request: WebRequest, number: int) -> Response[Any]:
    """The form of a deal as it is now."""
    reader = reader_of(request)
    found = await deal_desk.card(reader.actor, number)
    return await _edit_form(request, reader, found, {}, None, None)


async def edit(request: WebRequest, number: int) -> Response[Any]:
    """Change a deal; somebody who was faster is named, and what was typed stays."""
    form, reader = await request.form(), reader_of(request)
    sent = {name: word(form, name) for name in form}
    form, was = _chosen(form, merging.taken(sent)), merging.opened(sent)
    try:
        change = _change(form, reader)
        await deals.edit(reader.actor, number, change, cursor(word(form, "version")))
    except (Invalid, Conflict) as error:
        found = await deal_desk.card(reader.actor, number)
        return await _edit_form(
            request, reader, found, _typed(form), typed_lines(form), error, was=was
        )
    return go(request, f"/deals/{number}")


def _chosen(form: FormMultiDict, fields: Mapping[str, str]) -> FormMultiDict:
    """The form with the reader's choices in the fields that two people changed."""
    lines = [(name, value) for name, value in form.multi_items() if name.startswith("line_")]
    single = [(name, value) for name, value in fields.items() if not name.startswith("line_")]
    return FormMultiDict([*single, *lines])


async def _edit_form(
    request: WebRequest,
    reader: Reader,
    found: DealScreen,
    typed: Mapping[str, str],
    lines: Sequence[tuple[str, str, str]] | None,
    error: HouseError | None,
    *,
    was: Mapping[str, str] | None = None,
) -> Response[Any]:
    deal = found.deal
    row = deal.row
    wrong = {} if error is None else sentences(reader, error)
    stored = {
        "amount": plain_money(row.amount),
        "expected_on": ""
        if row.expected_on is None
        else formats.day(row.expected_on, reader.language),
        "source": deal.source.source,
        "manager": str(row.manager_number or 0),
        "title": row.title or "",
        "note": deal.note or "",
        "customer": "",
    }
    opened = {name: value for name, value in stored.items() if name != "customer"}
    merged = None
    if isinstance(error, Conflict):
        merged = merging.merge(
            _fields(reader, found.codes), was=was or {}, theirs=opened, mine=typed
        )
    elif was:
        opened = {**was}
    written = deal_rows.card(reader, row, found.funnels, found.codes)
    return draw(
        request,
        reader,
        FORM,
        status=200 if error is None else 409 if isinstance(error, Conflict) else 422,
        look=look_of(request),
        shell=shell_of(request, reader, "deals", found.counts, found.codes),
        number=row.number,
        typed={
            **stored,
            **(typed if merged is None else merged.values),
            "version": str(row.version),
        },
        opened=opened,
        clashes=() if merged is None else merged.clashes,
        came=() if merged is None else merged.came,
        lines=rows_of([_line(one) for one in deal.lines] if lines is None else lines),
        ordered=row.order_number is not None,
        wrong=wrong,
        problem="" if error is None or wrong else told(request, error),
        client={
            "number": "" if row.customer is None else row.customer.number,
            "name": written.client,
            "note": written.client_note,
        },
        line=deal.pipeline,
        **_choices(reader, found.funnels, deal.pipeline, found.codes),
    )


def _fields(reader: Reader, codes: Codes) -> dict[str, merging.Field]:
    """What can be merged of a deal, as its form names it."""
    _ = reader._
    names = {"0": _("никто")} | dict(colleagues_of(codes))
    return {
        "title": merging.Field(_("Название")),
        "amount": merging.Field(_("Сумма, ₽")),
        "expected_on": merging.Field(_("Ждём к")),
        "source": merging.Field(_("Источник")),
        "manager": merging.Field(_("Ответственный"), names),
        "note": merging.Field(_("Заметка")),
    }


def plain_money(kopecks: int) -> str:
    """An amount as a field shows it."""
    return "" if not kopecks else formats.money(kopecks, "ru", exact=True, sign=False)


def _line(one: DealLineView) -> tuple[str, str, str]:
    return one.name, formats.quantity(one.quantity_milli), plain_money(one.price)
