"""«Сверка оплат»: a bank's statement goes in, and every receipt of money finds its order."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from appliance.actions import bank_statements, desk
from appliance.domain import bank_files, inputs
from appliance.domain.bank_files import BankDocument
from appliance.domain.personal import Personal
from appliance.domain.reconciling import CHUNK, BankWords, DocumentState, Receipt, StatementState
from appliance.errors import Conflict, HouseError, Invalid, NotFound
from appliance.http.errors import status_of
from appliance.web import bank_rows, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import Note

PLACE: Final = "/money/bank"
UPLOAD_LIMIT: Final = bank_files.MOST_BYTES + 1024 * 1024


class BankPages(Controller):
    """Statements of banks."""

    path = PLACE

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show receipts that wait for somebody, and uploads."""
        return await _desk(request)

    @post(request_max_body_size=UPLOAD_LIMIT)
    async def upload(self, request: WebRequest) -> Response[Any]:
        """Take a file."""
        reader, given = reader_of(request), (await request.form()).get("file")
        try:
            if not isinstance(given, UploadFile) or not given.filename:
                raise Invalid("statement_missing")
            number = await _keep(reader, given)
        except Invalid as error:
            return await _desk(request, problem=_sentence(reader, error))
        return go(request, f"{PLACE}/{number}")

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show an upload."""
        return await _card(request, number)

    @post("/{number:int}/{deed:str}")
    async def act(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Write down what was found, take it back, or forget the file."""
        reader = reader_of(request)
        deeds = {
            "start": bank_statements.start,
            "undo": bank_statements.undo,
            "drop": bank_statements.drop,
        }
        if deed not in deeds:
            raise Invalid("code_unknown")
        try:
            await deeds[deed](reader.actor, number)
        except Conflict as error:
            return await _card(request, number, error=error)
        return go(request, PLACE if deed == "drop" else f"{PLACE}/{number}")

    @get("/receipts/{document:uuid}")
    async def receipt(self, request: WebRequest, document: FromPath[UUID]) -> Response[Any]:
        """Show one receipt with the orders that it may be for."""
        return await _receipt(request, document)

    @post("/receipts/{document:uuid}/find")
    async def find(self, request: WebRequest, document: FromPath[UUID]) -> Response[Any]:
        """Look for an order by what was typed."""
        text = word(await request.form(), "q")
        return await _receipt(request, document, text=text)

    @post("/receipts/{document:uuid}/settle")
    async def settle(self, request: WebRequest, document: FromPath[UUID]) -> Response[Any]:
        """Say which order it pays."""
        reader, form = reader_of(request), await request.form()
        try:
            number = inputs.order_number(word(form, "order"))
            await bank_statements.settle(reader.actor, document, number, reader.zone)
        except (Invalid, NotFound, Conflict) as error:
            return await _receipt(request, document, error=error)
        return go(request, f"{PLACE}?done={document}")

    @post("/receipts/{document:uuid}/undo")
    async def unsettle(self, request: WebRequest, document: FromPath[UUID]) -> Response[Any]:
        """Take it off its order."""
        try:
            await bank_statements.unsettle(reader_of(request).actor, document)
        except Conflict as error:
            return await _receipt(request, document, error=error)
        return go(request, f"{PLACE}/receipts/{document}")

    @post("/receipts/{document:uuid}/aside")
    async def aside(self, request: WebRequest, document: FromPath[UUID]) -> Response[Any]:
        """Say that it is no order's money."""
        try:
            await bank_statements.put_aside(reader_of(request).actor, document)
        except Conflict as error:
            return await _receipt(request, document, error=error)
        return go(request, f"{PLACE}?aside={document}")

    @post("/receipts/{document:uuid}/back")
    async def back(self, request: WebRequest, document: FromPath[UUID]) -> Response[Any]:
        """Have it looked at again."""
        await bank_statements.put_aside(reader_of(request).actor, document, aside=False)
        return go(request, f"{PLACE}/receipts/{document}")


async def _keep(reader: Reader, given: UploadFile) -> int:
    """Read a file piece by piece and hand it over; the upload's number."""
    file: BinaryIO = given.file  # pyright: ignore[reportAssignmentType] - spooled, binary
    if await asyncio.to_thread(file.seek, 0, 2) > bank_files.MOST_BYTES:
        raise Invalid("statement_large", most=bank_files.MOST_BYTES // 1024 // 1024)
    found = bank_files.documents(await asyncio.to_thread(bank_files.lines_of, file))
    # Whether it is such a file at all, and whole, is known before anything of it is kept.
    first = await asyncio.to_thread(_some, found)
    number = await bank_statements.begin(reader.actor)
    documents, problems, position = 0, list[tuple[int, str]](), 0
    part = first
    try:
        while part:
            documents += len(part)
            problems += [(one.line, one.problem) for one in part if one.incoming and one.problem]
            receipts = [_receipt_of(one, position + at) for at, one in enumerate(part) if _is(one)]
            position += len(part)
            if receipts:
                await bank_statements.put(reader.actor, number, Personal(receipts))
            part = await asyncio.to_thread(_some, found)
    except Invalid:
        await bank_statements.drop(reader.actor, number)
        raise
    await bank_statements.read_through(reader.actor, number, documents, problems)
    return number


def _some(found: Iterator[BankDocument]) -> list[BankDocument]:
    return list(islice(found, CHUNK))


def _is(one: BankDocument) -> bool:
    return one.incoming and not one.problem


def _receipt_of(one: BankDocument, position: int) -> Receipt:
    if one.day is None:
        raise Invalid("statement_day")
    return Receipt(
        position=position,
        day=one.day,
        amount=one.amount,
        words=BankWords(
            number=one.number,
            payer=one.payer,
            inn=one.payer_inn,
            account=one.payer_account,
            to=one.account,
            purpose=one.purpose,
        ),
    )


def _sentence(reader: Reader, error: HouseError) -> str:
    found = texts.error(error.code, reader.language, error.params)
    return f"{found.title}. {found.hint}" if found.hint else found.title


def _id_in(request: WebRequest, name: str) -> UUID | None:
    try:
        return UUID(request.query_params.get(name, ""))
    except ValueError:
        return None


def _notes(request: WebRequest, reader: Reader) -> tuple[Note, ...]:
    """What was just done with a receipt, with the way back."""
    done, aside = _id_in(request, "done"), _id_in(request, "aside")
    if done is not None:
        return (Note(reader._("Платёж записан в заказ"), f"{PLACE}/receipts/{done}/undo"),)
    if aside is not None:
        return (Note(reader._("Отложено: это не оплата заказа"), f"{PLACE}/receipts/{aside}/back"),)
    return ()


async def _frame(
    request: WebRequest, reader: Reader, *, toasts: tuple[Note, ...] = ()
) -> dict[str, Any]:
    codes = await desk.names(reader.actor)
    counts = await counts_for(reader)
    return {
        "look": look_of(request),
        "shell": shell_of(request, reader, "money", counts, codes, toasts=toasts),
        "codes": codes,
    }


async def _desk(request: WebRequest, *, problem: str = "") -> Response[Any]:
    reader, after = reader_of(request), _id_in(request, "after")
    found = await bank_statements.desk(reader.actor, after)
    frame = await _frame(request, reader, toasts=_notes(request, reader))
    codes = frame["codes"]
    return draw(
        request,
        reader,
        "money/bank.html",
        status=422 if problem else 200,
        problem=problem,
        waiting=found.waiting,
        rows=[bank_rows.receipt(reader, one, codes) for one in found.open],
        statements=[bank_rows.statement(reader, one, codes) for one in found.statements],
        first=PLACE if after else "",
        next=f"{PLACE}?after={found.after}" if found.after else "",
        **frame,
    )


async def _card(
    request: WebRequest, number: int, *, error: HouseError | None = None
) -> Response[Any]:
    reader, after = reader_of(request), _id_in(request, "after")
    asked = request.query_params.get("state", "")
    fresh = await bank_statements.one_page(
        reader.actor,
        number,
        DocumentState(asked) if asked in set(DocumentState) else DocumentState.MATCHED,
        after,
    )
    view = fresh.statement
    state = asked if asked in set(DocumentState) else bank_rows.first_state(view)
    if state != (asked or DocumentState.MATCHED):
        fresh = await bank_statements.one_page(reader.actor, number, DocumentState(state), after)
    frame = await _frame(request, reader)
    codes = frame["codes"]
    return draw(
        request,
        reader,
        "money/statement.html",
        status=status_of(error) if error else 200,
        problem="" if error is None else told(request, error),
        failed=_sentence(reader, Invalid(view.error)) if view.error else "",
        one=bank_rows.statement(reader, view, codes),
        view=view,
        working=view.state in (StatementState.RUNNING, StatementState.UNDOING),
        counts=bank_rows.counts(reader, view),
        tabs=bank_rows.tabs(reader, view, state),
        rows=[bank_rows.receipt(reader, one, codes) for one in fresh.rows],
        problems=[(line, texts.error(code, reader.language).title) for line, code in view.problems],
        state=state,
        next=f"{PLACE}/{number}?state={state}&after={fresh.after}" if fresh.after else "",
        **frame,
    )


async def _receipt(
    request: WebRequest, document: UUID, *, text: str = "", error: HouseError | None = None
) -> Response[Any]:
    reader = reader_of(request)
    one = await bank_statements.one_receipt(reader.actor, document)
    found = await bank_statements.search(reader.actor, text) if text else ()
    frame = await _frame(request, reader)
    codes = frame["codes"]
    return draw(
        request,
        reader,
        "money/receipt.html",
        status=status_of(error) if error else 200,
        problem="" if error is None else told(request, error),
        one=bank_rows.receipt(reader, one, codes),
        view=one,
        text=Personal(text),
        found=[bank_rows.order(reader, here, codes, one.amount) for here in found],
        **frame,
    )


HANDLERS: Final = (BankPages,)
