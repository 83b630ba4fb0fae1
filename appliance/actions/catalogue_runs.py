"""Reading shops' catalogues: asking for it, its steps, its report.

A run is a row that many short actions carry on (`jobs/catalogues.py`): the file is looked at whole
before anything is changed, so one cut short changes nothing; what a restart cut short goes on
behind the last batch.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.actions._gate import action
from appliance.actions._order_checks import check_shop
from appliance.domain.access import Actor, ActorKind
from appliance.domain.catalogue_runs import HALF, Note, Origin, Outcome, Run, RunState
from appliance.domain.icml import Group, Offer
from appliance.domain.ids import uuid7
from appliance.domain.notices import NoticeKind
from appliance.domain.references import Reference, ReferenceKind, Shop
from appliance.domain.shops import ShopLink
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    catalogue_runs,
    notices,
    references,
    shop_catalogue,
    shop_links,
    spool,
    staff,
    vat,
)
from appliance.storage.references import Lists
from appliance.storage.shop_catalogue import Missing, Takes
from appliance.storage.tx import Tx

MOST_UNITS: Final = 200
TOPIC: Final = "catalogue"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what it names one by one."""

    run: Run
    shop: Shop
    notes: tuple[Note, ...]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker needs of a run."""

    run: Run
    url: str
    link: ShopLink
    last: Run | None


async def _shop(tx: Tx, code: str) -> Shop:
    shop = (await references.lists()).shops.get(code)
    if shop is None or tx.actor.shop not in ("", code):
        raise NotFound("shop_not_found")
    return shop


@action(Permission.PRODUCT_EDIT)
async def ask(tx: Tx, code: str, origin: Origin = Origin.ADDRESS) -> int:
    """Have the catalogue of a shop read from its address; the number of the run.

    Repeating is safe: a run that waits or works is the answer.

    Raises:
        NotFound: `shop_not_found`.
        Invalid: `catalogue_address_missing`.
    """
    check_shop(tx, code)
    shop = await _shop(tx, code)
    if not shop.yml_url:
        raise Invalid("catalogue_address_missing", fields={"yml_url": "catalogue_address_missing"})
    return await _ask(tx, code, origin)


async def _ask(tx: Tx, code: str, origin: Origin) -> int:
    known = await catalogue_runs.open_of(code)
    if known is not None:
        return known
    tx.topics.add(TOPIC)
    by = tx.actor.number if tx.actor.kind is ActorKind.USER else 0
    return await catalogue_runs.add(tx, code, origin, by)


def begin_upload() -> Path:
    """A place for the bytes of a file on its way in; `ask_with_file` takes it over or drops it."""
    return spool.waiting(str(uuid7()))


async def ask_with_file(actor: Actor, code: str, file: Path) -> int:
    """Have a file read as the catalogue of a shop.

    Raises:
        Conflict: `catalogue_busy`: a run of this shop waits or works.
        Invalid: `file_empty`.
        NotFound: `shop_not_found`.
    """
    try:
        return await add_file(actor, code, file.name)
    finally:
        spool.forget(file)


@action(Permission.PRODUCT_EDIT)
async def add_file(tx: Tx, code: str, waiting: str) -> int:
    """The step of `ask_with_file` that is one transaction."""
    check_shop(tx, code)
    await _shop(tx, code)
    if not spool.size_of(waiting):
        raise Invalid("file_empty", fields={"file": "file_empty"})
    if await catalogue_runs.open_of(code) is not None:
        raise Conflict("catalogue_busy")
    number = await _ask(tx, code, Origin.FILE)
    # Before the commit: a run without its file would fail, a file without its run is swept.
    spool.take(waiting, number)
    return number


@action(Permission.PRODUCT_EDIT, reads=True, quiet=True)
async def list_newest(tx: Tx, code: str = "") -> Sequence[Run]:
    """The newest runs, of one shop or of all."""
    return await catalogue_runs.newest(code)


@action(Permission.PRODUCT_EDIT, reads=True, quiet=True)
async def report(tx: Tx, number: int, outcome: str = "") -> Report:
    """A run with its offers of one outcome, or of every one that is told one by one.

    Raises:
        NotFound: `catalogue_run_not_found`.
    """
    run = await catalogue_runs.get(number)
    shop = (await references.lists()).shops.get(run.shop)
    return Report(
        run=run,
        shop=shop or Shop(number=0, code=run.shop, name=run.shop),
        notes=tuple(await catalogue_runs.notes_of(number, outcome)),
    )


# --- steps of the worker ---


@action(Permission.HOUSE, quiet=True)
async def plan_due(tx: Tx) -> int:
    """Ask for the catalogues whose time has come; how many."""
    asked = 0
    for shop in (await references.lists()).shops.values():
        if not shop.link.every or not shop.yml_url:
            continue
        last = await catalogue_runs.last_made_at(shop.code)
        if last is None or tx.now - last >= timedelta(minutes=shop.link.every):
            await _ask(tx, shop.code, Origin.SCHEDULE)
            asked += 1
    return asked


@action(Permission.HOUSE, reads=True, quiet=True)
async def work(tx: Tx) -> list[Task]:
    """Runs that wait or work, the oldest first."""
    shops = (await references.lists()).shops
    found: list[Task] = []
    for run in await catalogue_runs.open_runs():
        shop = shops.get(run.shop)
        found.append(
            Task(
                run=run,
                url="" if shop is None else shop.yml_url,
                link=ShopLink() if shop is None else shop.link,
                last=await catalogue_runs.last_taken(run.shop, run.number),
            )
        )
    return found


def file_of(number: int) -> Path:
    """Where the file of a run lies."""
    return spool.place(number)


@action(Permission.HOUSE, quiet=True)
async def stand(tx: Tx, number: int, columns: Mapping[str, Any]) -> None:
    """Write down where a run stands."""
    columns = dict(columns)
    if columns.get("state") == RunState.FETCHING.value:
        columns["begun_at"] = tx.now
    await catalogue_runs.note(number, **columns)
    tx.topics.add(TOPIC)


@action(Permission.HOUSE, quiet=True)
async def end(tx: Tx, number: int, state: RunState, code: str = "") -> None:
    """Write down how a run ended, and forget its file."""
    columns: dict[str, Any] = {"state": state.value, "finished_at": tx.now}
    columns["error" if state is RunState.FAILED else "told"] = code
    await catalogue_runs.note(number, **columns)
    spool.drop(number)
    tx.topics.add(TOPIC)
    await _tell(tx, await catalogue_runs.get(number))


async def _tell(tx: Tx, run: Run) -> None:
    """Tell whoever asked how it ended; where nobody did, the administrators of the first failure.

    A shop that is down all night must not fill the bell with one notice an hour.
    """
    failed = run.state is RunState.FAILED
    if run.by_number:
        asked = await shop_links.active_colleague(run.by_number)
        people = [] if asked is None else [asked]
    elif failed and not await catalogue_runs.failed_before(run.shop, run.number):
        people = [one.id for one in await staff.active_with_role("administrator")]
    else:
        people = []
    kind = NoticeKind.WORK_FAILED if failed else NoticeKind.IMPORT_DONE
    await notices.tell_all(
        tx, [notices.Told(one, kind, "catalogue", None, run.number) for one in people]
    )


@action(Permission.HOUSE, quiet=True)
async def take_groups(
    tx: Tx, number: int, groups: Sequence[Group], units: Collection[tuple[str, str, str]]
) -> None:
    """Take over groups of a catalogue and the units it measures in."""
    run = await catalogue_runs.get(number)
    await shop_catalogue.take_groups(tx, run.shop, groups)
    await _take_units(units)


async def _take_units(units: Collection[tuple[str, str, str]]) -> None:
    known = _units(await references.lists())
    for code, name, sign in sorted(units)[:MOST_UNITS]:
        plain = "".join(one for one in code if one.isalnum() or one in "-_.")[:64]
        if code.lower() in known or name.lower() in known or not plain:
            continue
        fresh = Reference(number=0, code=plain, name=name or plain, extra={"sym": sign or name})
        await references.set_entry(ReferenceKind.UNIT, None, fresh)
        known |= {plain.lower(): plain, name.lower(): plain, code.lower(): plain}


def _units(lists: Lists) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, one in lists.of(ReferenceKind.UNIT).items():
        sign = str(one.extra.get("sym", ""))
        for text in (one.name, sign, sign.rstrip("."), code):
            if text:
                found[text.lower()] = code
    return found


async def _takes(tx: Tx, run: Run) -> Takes:
    lists = await references.lists()
    shop = lists.shops.get(run.shop)
    link = ShopLink() if shop is None else shop.link
    warehouse = None
    if link.takes_stock:
        warehouse = lists.warehouse_ids.get(link.warehouse) or next(
            (lists.warehouse_ids[one.code] for one in lists.warehouses.values() if one.active),
            None,
        )
    price = link.price_type if link.takes_prices else ""
    return Takes(
        shop=run.shop,
        price_type=price if price in lists.of(ReferenceKind.PRICE_TYPE) else "",
        warehouse=warehouse,
        groups=await shop_catalogue.groups_of(run.shop),
        units=_units(lists),
        rates=await _rates(tx.now.date()),
    )


async def _rates(day: date) -> dict[str, str]:
    found: dict[str, str] = {}
    for rate in await vat.rates():  # by day: the newest of a code is the last
        if rate.since > day:
            continue
        found = {text: code for text, code in found.items() if code != rate.code}
        found["none" if rate.percent is None else f"{rate.percent / 100:g}"] = rate.code
    return {**found, **{code: code for code in found.values()}}


@action(Permission.HOUSE, quiet=True)
async def take(
    tx: Tx, number: int, position: int, offers: Sequence[Offer], refused: Sequence[Note]
) -> None:
    """Take over a batch of offers.

    Args:
        tx: of the house.
        number: of the run.
        position: place of the last offer of the batch in the file.
        offers: sound ones, no id twice.
        refused: those that cannot be taken over, and why.

    Raises:
        Conflict: `catalogue_moved_on`: the batch is in already.
    """
    run = await catalogue_runs.get(number)
    if run.position >= position or run.state is not RunState.TAKING:
        raise Conflict("catalogue_moved_on")
    notes = sorted(
        [*refused, *await shop_catalogue.take(tx, await _takes(tx, run), offers)],
        key=lambda one: one.place,
    )
    await _count(run, notes, position=position)
    tx.topics.add(TOPIC)


async def _count(run: Run, notes: Sequence[Note], **columns: Any) -> None:
    await catalogue_runs.keep_notes(run.number, run.tally, notes)
    tally = dict(run.tally)
    for one in notes:
        tally[one.outcome.value] = tally.get(one.outcome.value, 0) + 1
    await catalogue_runs.note(run.number, tally=tally, **columns)


@action(Permission.HOUSE, quiet=True)
async def hide_missing(
    tx: Tx, number: int, seen: Collection[int], after: int, limit: int = 500
) -> Missing:
    """Take off sale what a wholly read file no longer holds; see `shop_catalogue.hide_missing`."""
    run = await catalogue_runs.get(number)
    found = await shop_catalogue.hide_missing(tx, run.shop, seen, after, limit)
    await _count(run, found.hidden)
    return found


@action(Permission.HOUSE, reads=True, quiet=True)
async def is_too_empty(tx: Tx, number: int) -> bool:
    """Whether the file has fewer than half of the offers on sale: then nothing is hidden."""
    run = await catalogue_runs.get(number)
    return run.offers * HALF < await shop_catalogue.active_count(run.shop)


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Delete old reports and files that no run will read."""
    waiting = {run.number for run in await catalogue_runs.open_runs()}
    spool.sweep(waiting)
    return await catalogue_runs.sweep(tx.now)


def refusal(offer: Offer, field: str, code: str, outcome: Outcome = Outcome.FAILED) -> Note:
    """The note of an offer that is not taken over."""
    return Note(place=offer.place, outcome=outcome, external_id=offer.id, field=field, code=code)
