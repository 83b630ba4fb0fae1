"""The house's own steps of imports: reading, checking, bringing in, taking back, chunk by chunk."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import _bringing, _bringing_deeds, _taking_back
from appliance.actions._gate import action
from appliance.actions._outcomes import Brought, Looked
from appliance.actions.imports import AFRESH
from appliance.domain.imports import (
    WORKING,
    ImportKind,
    ImportState,
    Outcome,
    Tally,
    WrongCell,
)
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.errors import Conflict, HouseError, Invalid
from appliance.roles import Permission
from appliance.storage import imports, notices
from appliance.storage.imports import Done, FileRow, Import
from appliance.storage.tx import Tx

ALL: Final = 100_000
"""More rows than a chunk has."""


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
    key: int
    """Column by which rows belong together; -1 for none."""


@action(Permission.HOUSE, reads=True, quiet=True)
async def work(tx: Tx) -> list[Work]:
    """Imports to go on with, the oldest first."""
    return [
        Work(
            one.id, one.number, ImportKind(one.kind), ImportState(one.state), one.made_by,
            one.made_by_number, one.size, one.position, one.done, _bringing_deeds.key_of(one),
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
    await imports.move(tx, one, ImportState.CHECKING, total=rows, **AFRESH)
    tx.concern("import", import_id)


@action(Permission.HOUSE, quiet=True)
async def begin_again(tx: Tx, import_id: UUID) -> None:
    """Read or check from the first row on: what was counted before the restart is lost."""
    one = await imports.get(import_id)
    await imports.move(tx, one, ImportState(one.state), **AFRESH)


@action(Permission.HOUSE, quiet=True)
async def fail(tx: Tx, import_id: UUID, code: str) -> None:
    """Say that an import cannot go on; what is in stays, and can be taken back."""
    one = await imports.get(import_id)
    moved = one.state in (ImportState.RUNNING, ImportState.UNDOING)
    state = ImportState.PAUSED if moved else ImportState.FAILED
    await imports.move(tx, one, state, error=code)
    tx.concern("import", import_id)
    await _tell(tx, one, NoticeKind.WORK_FAILED)


@action(Permission.HOUSE, slow=True, quiet=True)
async def look(
    tx: Tx, import_id: UUID, position: int, zone: ZoneInfo, seen: AbstractSet[object]
) -> Looked | None:
    """Count what would become of a chunk; None behind the last."""
    one = await imports.get(import_id)
    here = await imports.chunk(tx, import_id, position)
    if here is None:
        return None
    around = await _bringing.world(tx, zone, ImportKind(one.kind))
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
async def bring(tx: Tx, import_id: UUID, position: int, zone: ZoneInfo, most: int = ALL) -> bool:
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
    rows = _next(one, here, most) if position == one.position else []
    if rows:
        around = await _bringing.world(tx, zone, ImportKind(one.kind))
        found = await _bringing.BRINGS[ImportKind(one.kind)](tx, one, rows, around)
        await _settle(tx, one, here, found)
        tx.payload = {"import": one.number, "rows": len(rows)}
    return True


def _next(one: Import, here: imports.Chunk, most: int) -> list[FileRow]:
    """The rows that come next; those of one order are not parted."""
    left = here.rows[here.at_row :]
    if most >= len(left):
        return left
    found: list[FileRow] = []
    for group in _bringing_deeds.groups(one, left):
        if len(found) >= most:
            break
        found += group
    return found


async def _settle(tx: Tx, one: Import, here: imports.Chunk, found: Brought) -> None:
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
    rows = _next(one, here, 1)
    done = [Done(Outcome.WRONG, field=field, code=code)] * len(rows)
    await _settle(tx, one, here, Brought(done, Tally(wrong=len(rows))))


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
    await _tell(tx, one, NoticeKind.IMPORT_DONE)


async def _tell(tx: Tx, one: Import, kind: NoticeKind) -> None:
    """Tell whoever brings it in: he may be on another page by now."""
    await notices.tell(
        tx, one.made_by, kind, entity="import", entity_id=one.id, entity_number=one.number
    )


@action(Permission.DATA_IMPORT)
async def take_back(tx: Tx, import_id: UUID, position: int) -> bool:
    """Take a chunk back; whether it was there. Repeating is safe.

    Raises:
        Conflict: `import_moved_on`.
    """
    one = await _in_state(import_id, ImportState.UNDOING)
    here = await imports.chunk(tx, import_id, position)
    if here is None:
        return False
    if position == one.position:
        tx.about("import", import_id)
        outcomes = await _taking_back.chunk(tx, one, here)
        await imports.revise(here, outcomes)
        fates = [done.outcome for done in outcomes]
        back, kept = fates.count(Outcome.TAKEN_BACK), fates.count(Outcome.KEPT)
        await imports.note(
            one,
            done=one.done + len(outcomes),
            position=position + 1,
            tally=Tally(taken_back=back, kept=kept),
        )
        tx.payload = {"import": one.number, "taken_back": back, "kept": kept}
        tx.concern("import", import_id)
    return True


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget rows of imports that are too old to be taken back."""
    return await imports.forget_old(tx.now)
