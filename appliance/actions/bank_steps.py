"""The house's own steps of «Сверка оплат»: receipts written down and taken back, some at a time."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import _reconciling
from appliance.actions._gate import action
from appliance.domain.reconciling import (
    WORKING,
    Basis,
    DocumentState,
    StatementState,
    StatementView,
)
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import bank_statements, references, undo
from appliance.storage.bank_statements import Document
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

AT_ONCE: Final = 25
"""Receipts of one transaction: about a tenth of a second, so that others get their turn."""


@action(Permission.HOUSE, reads=True, quiet=True)
async def work(tx: Tx) -> list[StatementView]:
    """Uploads to go on with, the oldest first."""
    del tx
    return await bank_statements.working(WORKING)


@action(Permission.PAYMENT_RECONCILE, quiet=True)
async def step(tx: Tx, number: int, zone: ZoneInfo, limit: int = AT_ONCE) -> bool:
    """Go on with an upload; False once nothing of it is left to do.

    Each receipt says in the transaction of its payment that it is in: a step that was cut off
    goes on where it stopped.
    """
    statement = await bank_statements.get(number)
    undo.join(tx, statement.id)
    lists = await references.lists()
    undoing = statement.state is StatementState.UNDOING
    if not undoing and statement.state is not StatementState.RUNNING:
        return False
    state = DocumentState.SETTLED if undoing else DocumentState.MATCHED
    some = await bank_statements.some(statement.id, state, limit)
    for one in some:
        if undoing:
            await _back(tx, lists, one)
        else:
            await _forth(tx, lists, one, zone)
    tx.about("bank_statement", statement.id)
    tx.concern("bank_statement", statement.id)
    if some:
        return True
    await _finish(statement, undoing=undoing)
    return False


async def _forth(tx: Tx, lists: Lists, one: Document, zone: ZoneInfo) -> None:
    """Write one down; what was found no longer holds where the order went or was paid since."""
    basis = bank_statements.basis_of(one.basis)
    try:
        order = await _reconciling.order_of(tx, one.order_id or UUID(int=0))
    except NotFound:
        order = None
    fits = order is not None and (
        basis is Basis.BILL or order.total - order.paid_total == one.amount
    )
    if order is None or basis is None or not fits:
        await bank_statements.set_document(
            one.id, state=DocumentState.OPEN.value, basis="", order_id=None
        )
        return
    await _reconciling.put(tx, lists, one, order, basis, zone)


async def _back(tx: Tx, lists: Lists, one: Document) -> None:
    """Take one back; what somebody worked on since stays a payment, and is the upload's no more."""
    if not await _reconciling.take_back(tx, lists, one):
        await bank_statements.set_document(one.id, state=DocumentState.KEPT.value)


async def _finish(statement: StatementView, *, undoing: bool) -> None:
    if not undoing:
        await bank_statements.move(statement, StatementState.DONE)
        return
    await bank_statements.forget_open(statement.id)
    await bank_statements.move(statement, StatementState.UNDONE)


@action(Permission.HOUSE)
async def fail(tx: Tx, number: int, code: str) -> None:
    """Say that an upload cannot go on; what is written down stays."""
    statement = await bank_statements.get(number)
    back = (
        StatementState.CHECKED
        if statement.state is StatementState.RUNNING
        else (StatementState.DONE)
    )
    await bank_statements.move(statement, back, error=code)
    tx.concern("bank_statement", statement.id)


@action(Permission.PAYMENT_RECONCILE)
async def leave_next(tx: Tx, number: int) -> bool:
    """Leave the next receipt, which cannot be written down, for somebody to look at."""
    statement = await bank_statements.get(number)
    for one in await bank_statements.some(statement.id, DocumentState.MATCHED, 1):
        await bank_statements.set_document(
            one.id, state=DocumentState.OPEN.value, basis="", order_id=None
        )
        tx.about("bank_document", one.id)
    return True
