"""Rows of deals and tasks for a table that goes out, by the right of whoever asked."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from appliance.actions import _export_cells
from appliance.actions._export_cells import ALL, Part, begin, following
from appliance.actions._gate import action
from appliance.domain.deals import DealFilter
from appliance.domain.exports import PAGE
from appliance.domain.fields import CustomField, FieldValue, Owner
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskFilter
from appliance.roles import Permission
from appliance.storage import (
    bulk_picks,
    deal_lists,
    export_fields,
    fields,
    pipelines,
    references,
    staff,
    task_lists,
)
from appliance.storage.tx import Tx


async def _own(
    tx: Tx, owner: Owner, ids: Sequence[UUID]
) -> tuple[list[CustomField], dict[UUID, tuple[FieldValue, ...]]]:
    """Fields of the house's own making, and what these records have in them."""
    lists = await references.lists()
    made = export_fields.of(lists, owner)
    return made, await fields.of_records(tx, lists, owner, ids) if made else {}


@action(Permission.DEAL_VIEW, slow=True)
async def deals(tx: Tx, before: int, wanted: Personal[str] = ALL) -> Part:
    """Deals with smaller numbers, the newest first; of all pipelines where no list chose them."""
    begin(tx)
    known, names = await pipelines.funnels(), await staff.directory(tx)
    if wanted.reveal():
        asked = msgspec.json.decode(wanted.reveal(), type=DealFilter)
        line = known.pipeline(asked.pipeline) or known.pipelines[0]
        chosen = await deal_lists.prepare(tx, asked, known, line)
        rows, after = await deal_lists.page(tx, chosen, before, PAGE)
    else:
        rows = await deal_lists.older(tx, before, PAGE)
        after = following([one.number for one in rows])
    made, own = await _own(tx, Owner.DEAL, [one.id for one in rows])
    shown = [
        [*_export_cells.deal(one, known, names), *export_fields.cells(made, own.get(one.id, ()))]
        for one in rows
    ]
    people = {one.customer.number for one in rows if one.customer is not None}
    return Part(Personal(shown), after or 0, len(people))


@action(Permission.TASK_VIEW, slow=True)
async def tasks(tx: Tx, before: int, wanted: Personal[str] = ALL) -> Part:
    """Tasks with smaller numbers, the newest first; closed ones, too, where no list chose them."""
    begin(tx)
    lists, names = await references.lists(), await staff.directory(tx)
    if wanted.reveal():
        asked = msgspec.json.decode(wanted.reveal(), type=TaskFilter)
        numbers = await bulk_picks.tasks(tx, asked, before, PAGE)
        views = await task_lists.numbered(tx, numbers)
    else:
        views = await task_lists.older(tx, before, PAGE)
        numbers = [one.number for one in views]
    made, own = await _own(tx, Owner.TASK, [one.id for one in views])
    shown = [
        [*_export_cells.task(one, lists, names), *export_fields.cells(made, own.get(one.id, ()))]
        for one in views
    ]
    people = {one.customer.number for one in views if one.customer is not None}
    return Part(Personal(shown), following(numbers), len(people))
