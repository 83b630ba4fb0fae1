"""What colleagues wish of an assembly order: a supply, codes, a sticker, the hand-over.

Each deed looks before it does: a wish that is delivered again, or whose answer was lost, finds
the order as it is at WB and does nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK, finish
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.postings import Deed, Posting, Reason, Reasons, ReasonsAsked
from plugins.marketplace_wildberries import kept, mapping, orders, supplies
from plugins.marketplace_wildberries.accounts import WAYS, Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.client import MANY
from plugins.marketplace_wildberries.kept import Pack, Task
from plugins.marketplace_wildberries.shapes import MetaDetail, Metas, Status

CODES_MISSING: Final = "codes_missing"
CODES_REFUSED: Final = "codes_refused"
BEING_CHECKED: Final = "codes_being_checked"
UNKNOWN: Final = "posting_unknown_there"
NOT_NOW: Final = "label_not_now"
GONE: Final = 404
SEPARATOR: Final = "\x1d"
"""GS of a DataMatrix."""
SEPARATORS: Final = ("\\u001d", "<GS>", "\u241d")
"""How scanners and editors type it."""
DATE: Final = 3
"""Parts of a date: year, month, day."""
OPEN: Final = (mapping.NEW, mapping.CONFIRM)


class Case(NamedTuple):
    """An order to do something with, as it is at WB now."""

    core: Core
    account: Account
    posting: Posting
    task: Task
    pack: Pack
    status: Status

    @property
    def id(self) -> int:
        """WB's."""
        return self.task.id


async def wished(event: ServiceWished, core: Core) -> None:
    """Do what is wished of an order, unless it is not wished any more."""
    if event.kind != "posting":
        return
    posting = await core.markets.posting(event.record_id)
    account = WAYS.one(core, posting.account)
    run = DEEDS.get(event.deed)
    if account is not None and event.deed == LOOK:
        await orders.look(core, account, posting.posting)
        return
    if account is None or run is None or posting.wish != event.deed:
        return
    deed = cast("Deed", posting.wish)  # it has a run, so it is one
    try:
        case = await _case(core, account, posting)
        code = UNKNOWN if case is None else await run(case)
    except Refusal as refusal:
        await orders.look(core, account, posting.posting)
        code = UNKNOWN if refusal.status == GONE else refusal.word.lower()[:60] or "wb_refused"
    await finish(core, posting, deed, code)


async def _case(core: Core, account: Account, posting: Posting) -> Case | None:
    """The order as WB has it now, given to the box on the way; None: neither knows it."""
    number = posting.posting
    tasks = await kept.tasks(core, account.code, [number])
    if number not in tasks:
        return None
    status = await orders.look(core, account, number)
    if status is None:
        return None
    packs = await kept.packs(core, account.code, [number])
    return Case(core, account, posting, tasks[number], packs.get(number, Pack()), status)


async def _again(case: Case, **changed: Any) -> Case:
    """Keep what was done, read the order again and give it to the box."""
    pack = Pack(
        supply=changed.get("supply", case.pack.supply),
        packed=changed.get("packed", case.pack.packed),
    )
    if changed:
        await kept.keep_pack(case.core, case.account.code, case.task.posting, pack)
    status = await orders.look(case.core, case.account, case.task.posting)
    return case._replace(pack=pack, status=status or case.status)


async def _confirmed(case: Case) -> Case:
    """Have it in a supply: from then on it is being assembled."""
    again = case.id in await case.account.wb.again(case.core)
    if case.status.wb_status != mapping.WAITING or (
        case.status.supplier_status != mapping.NEW and not again
    ):
        return case
    supply = await supplies.put_in(case.core, case.account, case.task.kind, case.id)
    case = await _again(case, supply=supply)
    if case.status.supplier_status == mapping.NEW:
        raise Retry("not_confirmed_yet")
    return case


async def confirm(case: Case) -> str:
    """Take it into work."""
    await _confirmed(case)
    return ""


async def pack(case: Case) -> str:
    """Say that it is packed: WB has no word for that, but its codes must hold."""
    case = await _confirmed(case)
    if case.status.supplier_status != mapping.CONFIRM:
        return ""
    if case.task.needs:
        code = await codes(case)
        if code:
            return code
    await _again(case, packed=True)
    return ""


# --- codes ---


async def codes(case: Case) -> str:
    """Tell the codes of the piece, and wait for WB's check of them."""
    case = await _confirmed(case)
    if case.status.supplier_status != mapping.CONFIRM:
        return "" if case.status.supplier_status == mapping.COMPLETE else NOT_NOW
    held = await _details(case)
    told = False
    for key, values in _scanned(case).items():
        was = held.get(key, MetaDetail())
        if was.value in values and not _is_worth_anew(case, was):
            continue
        try:
            await _tell(case, key, values, was)
        except Refusal as refusal:
            if refusal.status == GONE:
                raise
            return CODES_REFUSED
        told = True
    return _verdict(case.task, await _details(case) if told else held)


def _is_worth_anew(case: Case, was: MetaDetail) -> bool:
    """Whether a code that WB refused is told once more: a colleague wished it anew.

    The registers behind WB learn of a code late: "delete it and add it again", it says.
    """
    return case.core.attempt == 1 and not _good(was) and was.decision != mapping.PENDING


async def _tell(case: Case, key: str, values: list[str], was: MetaDetail) -> None:
    way, wb = mapping.CODES[key], case.account.wb
    if was.value in values and key != mapping.EXPIRES:
        await wb.drop_meta(case.core, case.id, key)
    body = {way.field: list(values) if way.is_list else values[0]}
    await wb.put_meta(case.core, case.id, way.path, body)


async def _details(case: Case) -> dict[str, MetaDetail]:
    found = await case.account.wb.metas(case.core, [case.id])
    return {one.key: one for one in found.get(case.id, ())}


def _scanned(case: Case) -> dict[str, list[str]]:
    """Codes by WB's key, as far as it takes them of this order."""
    takes = {mapping.CODES[key].kind: key for key in case.task.takes.split()
             if key in mapping.CODES}  # fmt: skip
    found: dict[str, list[str]] = {}
    for one in (code for line in case.posting.lines for code in line.codes):
        kind, colon, text = one.partition(":")
        if not colon or kind not in takes:
            # An order that needs none has no kind in front: what it may carry is the first.
            kind, text = next(iter(takes), ""), one
        if kind in takes:
            found.setdefault(takes[kind], []).append(_as_wb_takes(takes[kind], text))
    return found


def _as_wb_takes(key: str, text: str) -> str:
    """A code as typed or scanned, in WB's form.

    >>> _as_wb_takes("sgtin", "0104630<GS>91EE12") == f"0104630{SEPARATOR}91EE12"
    True
    >>> _as_wb_takes("expiration", "2030-09-12")
    '12.09.2030'
    """
    if key == mapping.EXPIRES and len(parts := text.split("-")) == DATE:
        return ".".join(reversed(parts))
    for typed in SEPARATORS:
        text = text.replace(typed, SEPARATOR)
    return text


def _good(one: MetaDetail) -> bool:
    return one.decision in mapping.GOOD_CHECKS


def _verdict(task: Task, held: Mapping[str, MetaDetail]) -> str:
    """What WB says to the codes; the order's own list where it is silent."""
    verdicts = [one.decision for one in held.values() if not _good(one)]
    silent = [key for key in task.needs.split() if key not in held]
    if mapping.LACKS in verdicts or silent:
        return CODES_MISSING
    if mapping.PENDING in verdicts:
        raise Retry(BEING_CHECKED)
    return CODES_REFUSED if verdicts else ""


# --- papers ---


async def label(case: Case) -> str:
    """Fetch the sticker into the order's files: what has one is packed."""
    case = await _confirmed(case)
    if case.status.supplier_status not in (mapping.CONFIRM, mapping.COMPLETE):
        return NOT_NOW
    try:
        body = await case.account.wb.sticker(case.core, case.id)
    except Refusal as refusal:
        if refusal.word == "CustomsDeclarationIsRequired":
            return CODES_MISSING
        raise
    if not body:
        raise Retry("label_not_ready")
    number = case.task.posting
    await case.core.file_put(
        case.posting.order_id, f"label:{number}", f"wb-{number}.png", "label", body
    )
    if case.status.supplier_status == mapping.CONFIRM and not case.pack.packed:
        await _again(case, packed=True)
    return ""


async def act(case: Case) -> str:
    """Hand the order's supply over, once all of it is packed, and fetch the supply's QR code."""
    known = case.pack.supply or case.task.supply
    supply = await supplies.found(case.core, case.account, case.id, known)
    if supply is None:
        return "supply_unknown"
    if not supply.done:
        code = await _handed_over(case, known)
        if code:
            return code
    body = await case.account.wb.supply_code(case.core, known)
    name = f"act:{known}:{case.task.posting}"
    await case.core.file_put(case.posting.order_id, name, f"{known}.png", "act", body)
    return ""


async def _handed_over(case: Case, supply: str) -> str:
    core, account = case.core, case.account
    listed = await account.wb.orders_of(core, supply)
    ids = [str(one) for one in listed]
    packs = await kept.packs(core, account.code, ids)
    if not all(one in packs and packs[one].packed for one in ids):
        return "supply_not_packed"
    try:
        await account.wb.deliver(core, supply)
    except Refusal as refusal:
        if refusal.word == "MetaValidationFail":
            return _unchecked(refusal.data)
        raise
    again = await account.wb.again(core)
    for start in range(0, len(ids), MANY):
        await orders.Round(core, account, CLOCK.now(), again).look(ids[start : start + MANY])
    return ""


def _unchecked(data: Any) -> str:
    """What is wrong with the codes of a supply."""
    try:
        said = msgspec.convert(data, Metas, strict=False)
    except msgspec.ValidationError:
        return CODES_REFUSED
    verdicts = {one.decision for order in said.orders for one in order.meta_details}
    if mapping.LACKS in verdicts:
        return CODES_MISSING
    if verdicts == {mapping.PENDING}:
        raise Retry(BEING_CHECKED)
    return CODES_REFUSED


# --- cancelling ---


async def cancel(case: Case) -> str:
    """Cancel it; WB wants no reason, and counts it against the seller."""
    if mapping.state_of(case.status) == "cancelled":
        return ""
    if not case.status.is_cancellable and case.status.supplier_status not in OPEN:
        return "cancel_not_now"
    try:
        await case.account.wb.cancel(case.core, case.id)
    except Refusal as refusal:
        if refusal.status == GONE:
            raise
        case = await _again(case)
        return "" if mapping.state_of(case.status) == "cancelled" else "cancel_not_now"
    await _again(case)
    return ""


async def reasons(asked: ReasonsAsked, core: Core) -> Reasons:
    """Wildberries names none: what there is to know is whether it costs the seller's rating."""
    account = WAYS.one(core, asked.account)
    if account is None:
        raise Permanent("account_off")
    tasks = await kept.tasks(core, account.code, [asked.posting])
    one = tasks.get(asked.posting)
    return Reasons(reasons=FREE if one is not None and one.free_cancel else COSTS)


COSTS: Final[tuple[Reason, ...]] = (
    Reason(code="seller", title="Отмена продавцом: WB не спрашивает причину, но снижает рейтинг"),
)
FREE: Final[tuple[Reason, ...]] = (
    Reason(code="zero", title="Заказ при нулевом остатке: WB отменяет без штрафа"),
)

Run = Callable[[Case], Awaitable[str]]
DEEDS: Final[Mapping[str, Run]] = {
    "confirm": confirm,
    "pack": pack,
    "codes": codes,
    "label": label,
    "act": act,
    "cancel": cancel,
}
