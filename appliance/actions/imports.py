"""Bringing tables in: a file, its columns, a check, a run that can be paused and taken back."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _bringing, _order_checks
from appliance.actions._bringing import Looked
from appliance.actions._gate import action
from appliance.domain import import_fields
from appliance.domain.imports import (
    CHUNK,
    PEOPLE,
    WORKING,
    ImportKind,
    ImportPage,
    ImportState,
    ImportView,
    Outcome,
    Plan,
    Sample,
    Tally,
    WrongCell,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, HouseError, Invalid
from appliance.roles import Permission
from appliance.storage import imports, references, staff
from appliance.storage.imports import Done, FileRow, Import
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


class Work(NamedTuple):
    """An import that the house has to go on with, without anything the file says."""

    id: UUID
    number: int
    kind: ImportKind
    state: ImportState
    maker: UUID
    maker_number: int
    size: int
    position: int
    done: int


# --- for people ---


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
    return ImportPage(view=view, sample=sample)


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
    plan = Plan(columns=import_fields.guess(kind, given.head))
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
    await _move(tx, one, ImportState.READING, plan=msgspec.json.encode(plan).decode(), **_AFRESH)


_AFRESH: Final = {"done": 0, "position": 0, "tally": "{}", "wrong": "[]", "error": ""}


async def _check(kind: ImportKind, plan: Plan) -> dict[str, str]:
    wrong = _check_columns(kind, plan)
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


def _check_columns(kind: ImportKind, plan: Plan) -> dict[str, str]:
    codes = {field.code for field in import_fields.FIELDS[kind]}
    many = {field.code for field in import_fields.FIELDS[kind] if field.many}
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
    afresh = _AFRESH if one.state == ImportState.CHECKED else {}
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


class WrongRow(NamedTuple):
    """A row that was not taken in, as the file said it."""

    number: int
    cells: tuple[str, ...]
    field: str
    code: str


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


# --- for the house ---


@action(Permission.HOUSE, reads=True, quiet=True)
async def work(tx: Tx) -> list[Work]:
    """Imports to go on with, the oldest first."""
    return [
        Work(
            one.id, one.number, ImportKind(one.kind), ImportState(one.state), one.made_by,
            one.made_by_number, one.size, one.position, one.done,
        )
        for one in await imports.in_states(list(WORKING))
    ]  # fmt: skip


@action(Permission.HOUSE, reads=True, quiet=True)
async def piece(tx: Tx, import_id: UUID, position: int) -> Personal[bytes]:
    """A piece of the file."""
    return Personal(await imports.piece(tx, import_id, position))


@action(Permission.HOUSE, quiet=True)
async def stage(tx: Tx, import_id: UUID, position: int, rows: Personal[list[FileRow]]) -> None:
    """Keep some rows; repeating is safe.

    Raises:
        Conflict: `import_moved_on`.
    """
    one = await _in_state(import_id, ImportState.READING)
    await imports.stage(tx, import_id, position, rows.reveal())
    done = one.done if position < one.position else one.done + len(rows.reveal())
    await imports.note(one, done=done, position=position + 1, tally=Tally())
    if position % 20 == 0:
        tx.concern("import", import_id)


async def _in_state(import_id: UUID, state: ImportState) -> Import:
    one = await imports.get(import_id)
    if one.state != state:
        raise Conflict("import_moved_on", state=one.state)
    return one


@action(Permission.HOUSE, quiet=True)
async def read_through(tx: Tx, import_id: UUID, chunks: int, rows: int) -> None:
    """Say that the whole file was read: the check comes next."""
    one = await _in_state(import_id, ImportState.READING)
    await imports.cut_off(import_id, chunks)
    await imports.move(tx, one, ImportState.CHECKING, total=rows, **_AFRESH)
    tx.concern("import", import_id)


@action(Permission.HOUSE, quiet=True)
async def begin_again(tx: Tx, import_id: UUID) -> None:
    """Read or check from the first row on: what was counted before the restart is lost."""
    one = await imports.get(import_id)
    await imports.move(tx, one, ImportState(one.state), **_AFRESH)


@action(Permission.HOUSE, quiet=True)
async def fail(tx: Tx, import_id: UUID, code: str) -> None:
    """Say that an import cannot go on; what is in stays, and can be taken back."""
    one = await imports.get(import_id)
    moved = one.state in (ImportState.RUNNING, ImportState.UNDOING)
    state = ImportState.PAUSED if moved else ImportState.FAILED
    await imports.move(tx, one, state, error=code)
    tx.concern("import", import_id)


@action(Permission.HOUSE, slow=True, quiet=True)
async def look(
    tx: Tx, import_id: UUID, position: int, zone: ZoneInfo, seen: AbstractSet[object]
) -> Looked | None:
    """Count what would become of a chunk; None behind the last."""
    one = await imports.get(import_id)
    here = await imports.chunk(tx, import_id, position)
    if here is None:
        return None
    around = await _bringing.world(tx, zone)
    return await _bringing.LOOKS[ImportKind(one.kind)](tx, one, here.rows, around, seen)


@action(Permission.HOUSE, quiet=True)
async def looked(
    tx: Tx, import_id: UUID, position: int, tally: Tally, wrong: Sequence[WrongCell], rows: int
) -> None:
    """Keep the counts of a chunk.

    Raises:
        Conflict: `import_moved_on`.
    """
    one = await _in_state(import_id, ImportState.CHECKING)
    if position == one.position:
        await imports.note(
            one, done=one.done + rows, position=position + 1, tally=tally, wrong=wrong
        )
        if position % 4 == 0:
            tx.concern("import", import_id)


@action(Permission.HOUSE, quiet=True)
async def checked(tx: Tx, import_id: UUID) -> None:
    """Say that all rows were looked at."""
    one = await _in_state(import_id, ImportState.CHECKING)
    await imports.move(tx, one, ImportState.CHECKED)
    tx.concern("import", import_id)


@action(Permission.DATA_IMPORT)
async def bring(tx: Tx, import_id: UUID, position: int, zone: ZoneInfo, most: int = CHUNK) -> bool:
    """Bring in up to `most` rows of a chunk; whether the chunk was there.

    Repeating is safe: rows that are in are not brought again.

    Raises:
        Conflict: `import_moved_on`: paused or done.
        HouseError: what a row was refused for, where the kind tells it no other way; nothing of
            these rows is in then.
    """
    one = await _in_state(import_id, ImportState.RUNNING)
    here = await imports.chunk(tx, import_id, position)
    if here is None:
        return False
    tx.about("import", import_id)
    rows = here.rows[here.at_row : here.at_row + most] if position == one.position else []
    if rows:
        around = await _bringing.world(tx, zone)
        found = await _bringing.BRINGS[ImportKind(one.kind)](tx, one, rows, around)
        await _settle(tx, one, here, found)
        tx.payload = {"import": one.number, "rows": len(rows)}
    return True


async def _settle(tx: Tx, one: Import, here: imports.Chunk, found: _bringing.Brought) -> None:
    whole = here.at_row + len(found.outcomes) >= len(here.rows)
    rows = here.rows[here.at_row :]
    wrong = [
        WrongCell(number, done.field, done.code)
        for (number, _), done in zip(rows, found.outcomes, strict=False)
        if done.outcome is Outcome.WRONG
    ]
    await imports.settle(tx, here, found.outcomes, found.first, found.last, whole=whole)
    await imports.note(
        one,
        done=one.done + len(found.outcomes),
        position=one.position + int(whole),
        tally=found.tally,
        wrong=wrong,
    )
    tx.concern("import", one.id)


@action(Permission.DATA_IMPORT)
async def refuse(tx: Tx, import_id: UUID, position: int, field: str, code: str) -> None:
    """Note that the next row of a chunk cannot be brought in.

    Raises:
        Conflict: `import_moved_on`.
    """
    one = await _in_state(import_id, ImportState.RUNNING)
    here = await imports.chunk(tx, import_id, position)
    if here is None or position != one.position or here.at_row >= len(here.rows):
        return
    done = Done(Outcome.WRONG, field=field, code=code)
    await _settle(tx, one, here, _bringing.Brought([done], Tally(wrong=1)))


def named(error: HouseError) -> tuple[str, str]:
    """Field and code of what a row was refused for."""
    if isinstance(error, Invalid) and error.fields:
        return next(iter(error.fields.items()))
    return "", error.code


@action(Permission.HOUSE)
async def finish(tx: Tx, import_id: UUID) -> None:
    """Say that all rows are dealt with; the file itself is forgotten."""
    one = await imports.get(import_id)
    state = ImportState.DONE if one.state == ImportState.RUNNING else ImportState.UNDONE
    await imports.move(tx, one, state, finished_at=tx.now)
    await imports.forget_file(tx, import_id)
    tx.about("import", import_id)
    tx.payload = {"import": one.number, "state": state.value}
    tx.concern("import", import_id)


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget rows of imports that are too old to be taken back."""
    return await imports.forget_old(tx.now)
