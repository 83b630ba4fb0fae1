"""Bringing tables in: a file, its columns, a check, a run that can be paused and taken back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec

from appliance.actions import _order_checks
from appliance.actions._gate import action
from appliance.domain import import_fields
from appliance.domain.fields import CustomField
from appliance.domain.imports import (
    KEPT_DAYS,
    PEOPLE,
    ImportKind,
    ImportPage,
    ImportState,
    ImportView,
    Outcome,
    Plan,
    Sample,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import imports, references, staff
from appliance.storage.imports import Import
from appliance.storage.tx import Tx

PAGE: Final = 30
MOST_SOURCE: Final = 80
RIGHTS: Final = {
    ImportKind.CLIENTS: Permission.CUSTOMER_CREATE,
    ImportKind.COMPANIES: Permission.CUSTOMER_CREATE,
    ImportKind.PRODUCTS: Permission.PRODUCT_EDIT,
    ImportKind.STOCK: Permission.STOCK_EDIT,
    ImportKind.ORDERS: Permission.ORDER_CREATE,
    ImportKind.DEALS: Permission.DEAL_CREATE,
    ImportKind.TASKS: Permission.TASK_EDIT,
}
"""What importing a kind asks for beside the right to import."""

_MAY_GO: Final = {
    ImportState.READING: (ImportState.NEW, ImportState.CHECKED, ImportState.FAILED),
    ImportState.RUNNING: (ImportState.CHECKED, ImportState.PAUSED),
    ImportState.PAUSED: (ImportState.RUNNING,),
    ImportState.UNDOING: (ImportState.DONE, ImportState.PAUSED),
}


class ImportList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of imports, the newest first."""

    rows: tuple[ImportView, ...]
    after: int | None


@action(Permission.DATA_IMPORT, reads=True, quiet=True)
async def page(tx: Tx, before: int | None = None) -> ImportList:
    """Imports, the newest first."""
    rows = await imports.page(before, PAGE + 1)
    return ImportList(
        rows=tuple(imports.view(tx, one) for one in rows[:PAGE]),
        after=rows[PAGE - 1].number if len(rows) > PAGE else None,
    )


@action(Permission.DATA_IMPORT, reads=True, quiet=True)
async def open_page(tx: Tx, number: int) -> ImportPage:
    """One import; while its columns are paired, with the first rows of the file.

    Raises:
        NotFound: `import_not_found`.
    """
    one = await imports.find(number)
    view = imports.view(tx, one)
    paired = view.state in (ImportState.NEW, ImportState.CHECKED, ImportState.FAILED)
    sample = Personal(await imports.sample(tx, one.id)) if paired else None
    return ImportPage(view=view, sample=sample, made=await made_of(view.kind))


@action(Permission.DATA_IMPORT)
async def begin(
    tx: Tx, kind: ImportKind, name: str, size: int, sample: Personal[Sample], *, workbook: bool
) -> int:
    """Begin an import; its file follows in pieces. The number.

    Raises:
        Denied: the role may not make such records.
    """
    _order_checks.also_needs(tx, RIGHTS[kind])
    given = sample.reveal()
    plan = Plan(columns=import_fields.guess(kind, given.head, await made_of(kind)))
    number = await imports.add(tx, kind, name[-200:], size, given, plan, workbook=workbook)
    tx.payload = {"kind": kind.value, "bytes": size}
    return number


@action(Permission.DATA_IMPORT, quiet=True)
async def put_piece(tx: Tx, number: int, position: int, data: Personal[bytes]) -> None:
    """Keep a piece of the file; repeating is safe.

    Raises:
        Conflict: `import_moved_on`.
    """
    one = await imports.find(number)
    if one.state != ImportState.NEW or one.made_by != tx.actor.id:
        raise Conflict("import_moved_on", state=one.state)
    await imports.put_piece(tx, one.id, position, data.reveal())


@action(Permission.DATA_IMPORT)
async def pair(tx: Tx, number: int, plan: Plan) -> None:
    """Say which column is which field, and have the file read and checked.

    Raises:
        NotFound: `import_not_found`.
        Conflict: `import_moved_on`.
        Invalid: at the fields: `import_field_missing` (which), `basis_missing`,
            `source_missing`, `field_unknown`, `manager_unknown`, `code_unknown`.
    """
    one = await imports.find(number)
    kind = ImportKind(one.kind)
    _order_checks.also_needs(tx, RIGHTS[kind])
    wrong = await _check(kind, plan)
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    await _move(tx, one, ImportState.READING, plan=msgspec.json.encode(plan).decode(), **AFRESH)


AFRESH: Final = {"done": 0, "position": 0, "tally": "{}", "wrong": "[]", "error": ""}


async def _check(kind: ImportKind, plan: Plan) -> dict[str, str]:
    wrong = _check_columns(kind, plan, await made_of(kind))
    if kind in PEOPLE:
        if plan.basis is None:
            wrong["basis"] = "basis_missing"
        if not plan.source.strip() or len(plan.source) > MOST_SOURCE:
            wrong["source"] = "source_missing"
    if plan.manager and await staff.id_of(plan.manager) is None:
        wrong["manager"] = "manager_unknown"
    lists = await references.lists()
    if kind is ImportKind.STOCK and plan.warehouse not in lists.warehouses:
        wrong["warehouse"] = "code_unknown"
    return wrong


async def made_of(kind: ImportKind) -> tuple[CustomField, ...]:
    """Fields of the house's own making that the columns of a kind may be."""
    owner = import_fields.OWNERS.get(kind)
    known = {} if owner is None else (await references.lists()).fields[owner]
    return tuple(one for one in known.values() if one.active)


def _check_columns(kind: ImportKind, plan: Plan, made: Sequence[CustomField]) -> dict[str, str]:
    known = import_fields.fields_of(kind, made)
    codes = {field.code for field in known}
    many = {field.code for field in known if field.many}
    used = [code for code in plan.columns if code]
    if not set(used) <= codes:
        return {"columns": "field_unknown"}
    if any(used.count(code) > 1 and code not in many for code in used):
        return {"columns": "import_field_twice"}
    if import_fields.lacking(kind, plan.columns):
        return {"columns": f"import_{kind.value}_needs"}
    return {}


async def _move(tx: Tx, one: Import, state: ImportState, **columns: object) -> None:
    if one.state not in _MAY_GO[state]:
        raise Conflict("import_moved_on", state=one.state)
    tx.about("import", one.id)
    await imports.move(tx, one, state, **columns)
    tx.payload = {"import": one.number, "state": state.value}
    tx.concern("import", one.id)


@action(Permission.DATA_IMPORT)
async def start(tx: Tx, number: int) -> None:
    """Run a checked import, or go on with a paused one.

    Raises:
        NotFound: `import_not_found`.
        Conflict: `import_moved_on`.
    """
    one = await imports.find(number)
    _order_checks.also_needs(tx, RIGHTS[ImportKind(one.kind)])
    afresh = AFRESH if one.state == ImportState.CHECKED else {}
    await _move(tx, one, ImportState.RUNNING, **afresh)


@action(Permission.DATA_IMPORT)
async def pause(tx: Tx, number: int) -> None:
    """Have a run stop behind the rows it is at.

    Raises:
        NotFound: `import_not_found`.
        Conflict: `import_moved_on`: it is through already.
    """
    await _move(tx, await imports.find(number), ImportState.PAUSED)


@action(Permission.DATA_IMPORT)
async def drop(tx: Tx, number: int) -> None:
    """Forget a file that has brought nothing.

    Raises:
        NotFound: `import_not_found`.
        Conflict: `import_moved_on`: rows of it are in.
    """
    one = await imports.find(number)
    if one.state not in (ImportState.NEW, ImportState.CHECKED, ImportState.FAILED):
        raise Conflict("import_moved_on", state=one.state)
    tx.about("import", one.id)
    await imports.drop(one)


@action(Permission.DATA_IMPORT)
async def undo(tx: Tx, number: int) -> None:
    """Take an import back: what it added goes, what it changed is as before.

    Raises:
        NotFound: `import_not_found`.
        Conflict: `import_moved_on`; `import_too_old`: ninety days are over.
    """
    one = await imports.find(number)
    if tx.now - one.made_at > timedelta(days=KEPT_DAYS):
        raise Conflict("import_too_old")
    await _move(tx, one, ImportState.UNDOING, done=0, position=0, error="")


class Head(NamedTuple):
    """Headings of a file: one row of names."""

    columns: int
    names: Personal[list[tuple[str, ...]]]


class WrongRow(NamedTuple):
    """A row that was not taken in, as the file said it."""

    number: int
    cells: tuple[str, ...]
    field: str
    code: str


@action(Permission.DATA_IMPORT, reads=True, quiet=True)
async def head(tx: Tx, number: int) -> Head:
    """Headings of the file.

    Raises:
        NotFound: `import_not_found`.
    """
    one = await imports.find(number)
    names = (await imports.sample(tx, one.id)).head
    return Head(len(names), Personal([names]))


@action(Permission.DATA_IMPORT, slow=True)
async def wrong_rows(tx: Tx, number: int, position: int) -> Personal[list[WrongRow]] | None:
    """Wrong rows of one chunk, with what is wrong with each; None behind the last chunk."""
    one = await imports.find(number)
    tx.about("import", one.id)
    here = await imports.chunk(tx, one.id, position)
    if here is None:
        return None
    wrong = [done for done in here.outcomes if done.outcome is Outcome.WRONG]
    if len(wrong) != len(here.rows):
        return Personal([])  # the chunk is not through yet
    return Personal(
        [
            WrongRow(row, tuple(cells), done.field, done.code)
            for (row, cells), done in zip(here.rows, wrong, strict=True)
        ]
    )
