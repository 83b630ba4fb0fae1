"""The stream: reading on, writing by hand, taking back and bringing back, complaints, files."""

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.domain.desk import Codes, StreamScreen
from appliance.domain.grants import Access
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskDraft
from appliance.domain.timeline import (
    QUALITY,
    SETTLED,
    TYPED,
    Entry,
    EntryDraft,
    EntryHistory,
    EntryView,
    Kind,
    Place,
    Progress,
    Said,
    Tab,
)
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    customer_views,
    deals,
    desk,
    files,
    links,
    notices,
    orders,
    references,
    tasks,
    timeline,
    timeline_edits,
    timeline_views,
)
from appliance.storage.timeline import Stored
from appliance.storage.tx import Tx

LONGEST = 10_000
"""Characters of a note: minutes of a long meeting; more belongs into a file."""

LONGEST_TITLE = 200
MOST_MENTIONS = 20
NOTHING: Final[Personal[str]] = Personal("")
_MENTION = re.compile(r"(?<![\w@.])@([\w.\-]{1,100})")


# --- reading ---


@action(Permission.ORDER_VIEW, reads=True)
async def of_order(
    tx: Tx, number: int, tab: Tab = Tab.ALL, after: UUID | None = None
) -> StreamScreen:
    """A page of an order's stream.

    Raises:
        NotFound: `order_not_found`: absent, or not for this actor.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    return await _screen(tx, timeline_views.of_order(order.id), tab, after)


@action(Permission.DEAL_VIEW, reads=True)
async def of_deal(
    tx: Tx, number: int, tab: Tab = Tab.ALL, after: UUID | None = None
) -> StreamScreen:
    """A page of a deal's stream.

    Raises:
        NotFound: `deal_not_found`: absent, or not for this actor.
    """
    deal = await deals.get(tx, number)
    return await _screen(tx, timeline_views.of_deal(deal.id), tab, after)


@action(Permission.CUSTOMER_VIEW, reads=True)
async def of_client(
    tx: Tx, number: int, tab: Tab = Tab.ALL, after: UUID | None = None
) -> StreamScreen:
    """A page of a client's stream.

    Raises:
        NotFound: `customer_not_found`: absent, or not for this actor.
    """
    row = await customer_views.find_visible(tx, "c.number = {}", number)
    tx.about("customer", row[0])
    where = await timeline_views.of_client(tx, row[0], row[2])
    return await _screen(tx, where, tab, after)


async def _screen(
    tx: Tx, where: timeline_views.Where, tab: Tab, after: UUID | None
) -> StreamScreen:
    lists = await references.lists()
    return StreamScreen(
        stream=await timeline_views.page(tx, lists, where, tab, after),
        codes=await desk.codes(tx, lists),
    )


@action(Permission.TIMELINE_WRITE, reads=True)
async def entry(tx: Tx, entry_id: UUID) -> tuple[EntryView, Codes]:
    """One entry, with the names behind its codes.

    Raises:
        NotFound: `entry_not_found`: absent, or not for this actor.
    """
    found, lists = await _reached(tx, entry_id), await references.lists()
    view = await timeline_views.one(tx, lists, found.id)
    if view is None:
        raise NotFound("entry_not_found")
    return view, await desk.codes(tx, lists)


@action(Permission.TIMELINE_WRITE, reads=True)
async def history(tx: Tx, entry_id: UUID) -> tuple[tuple[EntryHistory, ...], Codes]:
    """What happened to an entry of one's own, and what it said before, newest first.

    Raises:
        NotFound: `entry_not_found`.
    """
    found = await _mine(tx, entry_id)
    codes = await desk.codes(tx, await references.lists())
    return await timeline_edits.history(tx, found.id), codes


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way in or out; its name is a person's, too."""

    name: Personal[str]
    media: str
    body: Personal[bytes]


@action(Permission.FILE_READ, reads=True)
async def download(tx: Tx, entry_id: UUID) -> Attachment:
    """Open an attached file; every opening is written down.

    Raises:
        NotFound: `entry_not_found`: absent, taken back, or not for this actor.
        Denied: the role hides what colleagues write.
        Damaged, Destroyed: see `files.read`.
    """
    entry = await _reached(tx, entry_id)
    if entry.kind != Kind.FILE or entry.ref_id is None or entry.deleted_at is not None:
        raise NotFound("entry_not_found")
    if tx.may("comment") is not Access.VISIBLE:
        raise Denied(message="the role hides notes and files")
    tx.about("file", entry.ref_id)
    kept, body = await files.read(tx, entry.ref_id)
    return Attachment(name=Personal(kept.name), media=kept.media, body=Personal(body))


# --- writing ---


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: enough to say so and to offer an undo."""

    id: UUID
    kind: Kind
    attempt: int = 0


@action(Permission.TIMELINE_WRITE)
async def write(tx: Tx, place: Place, draft: EntryDraft) -> Written:
    """Add a note, minutes, a call in vain, a complaint or a violation to a stream; once per form.

    Raises:
        Conflict: `form_spent` by a colleague.
        NotFound: `order_not_found`, `customer_not_found`: absent, or not for this actor.
        Denied: the role hides what colleagues write.
        Invalid: `entry_empty`, `entry_long`, `entry_kind`, `entry_when_past`,
            `entry_when_missing`, `colleague_unknown`, `entry_for_buyer`.
    """
    if (known := await _written(tx, draft.form)) is not None:
        return known
    home = await _home(tx, place)
    if draft.for_buyer and home.order_id is None:
        raise Invalid("entry_for_buyer", fields={"for_buyer": "entry_for_buyer"})
    said = _checked(tx, draft)
    data: dict[str, Any] = {}
    if draft.kind is Kind.NO_ANSWER:
        data["attempt"] = 1 + await timeline_views.attempts(home.customer_id)
        await timeline_edits.close_call(tx, home.customer_id)
    if draft.kind in QUALITY:
        data |= {"sort": draft.sort, "state": Progress.OPEN.value}
        if draft.concerns and await timeline_edits.user_id(draft.concerns) is None:
            raise Invalid("colleague_unknown", fields={"concerns": "colleague_unknown"})
    called = await _called(draft.text.reveal())
    if called:
        data["mentions"] = [number for number, _ in called]
    entry_id = await timeline.record(
        tx,
        Entry(
            kind=draft.kind,
            at=tx.now,
            customer_id=home.customer_id,
            order_id=home.order_id,
            deal_id=home.deal_id,
            subject_id=home.subject_id,
            said=said if said.text or said.title else None,
            ref_id=await _call_back(tx, home, draft),
            private=draft.private,
            concerns=draft.concerns if draft.kind in QUALITY else 0,
            planned_at=draft.planned_at if draft.kind in QUALITY else None,
            data=data,
            for_buyer=draft.for_buyer,
        ),
        draft.form,
    )
    await _tell(tx, place, home, called, NoticeKind.MENTION)
    if draft.kind in QUALITY and draft.concerns:
        told = await timeline_edits.user_id(draft.concerns)
        await _tell(tx, place, home, [(draft.concerns, told)], NoticeKind.COMPLAINT)
    tx.about("timeline_entry", entry_id)
    return Written(id=entry_id, kind=draft.kind, attempt=int(data.get("attempt", 0)))


@action(Permission.TIMELINE_WRITE)
async def attach(
    tx: Tx,
    place: Place,
    sent: Sequence[Attachment],
    text: Personal[str] = NOTHING,
    form: UUID | None = None,
) -> Written:
    """Add files to a stream, sealed under the client's key; the words go with the first one.

    Delivered twice, one form adds them once.

    Raises:
        Conflict: `form_spent` by a colleague.
        NotFound: `order_not_found`, `customer_not_found`.
        Denied: the role hides what colleagues write.
        Invalid: `attachment_empty`, `attachment_too_large`: none of them was kept.
        Unavailable: `disk_full`, `storage_failed`.
    """
    if (known := await _written(tx, form)) is not None:
        return known
    home = await _home(tx, place)
    _may_speak(tx)
    words = text.reveal().strip()
    _measure(words, needed=False)
    kept: list[UUID] = []
    for one in sent:
        name, body = one.name.reveal(), one.body.reveal()
        file_id = await files.keep(tx, home.subject_id, name, body, one.media)
        told = Entry(
            kind=Kind.FILE,
            at=tx.now,
            customer_id=home.customer_id,
            order_id=home.order_id,
            deal_id=home.deal_id,
            subject_id=home.subject_id,
            ref_id=file_id,
            said=Said(title=files.shown_name(name), text="" if kept else words),
            data={"size": len(body)},
        )
        kept.append(await timeline.record(tx, told, None if kept else form))
    tx.about("timeline_entry", kept[0])
    return Written(id=kept[0], kind=Kind.FILE)


@action(Permission.TIMELINE_WRITE)
async def edit(tx: Tx, entry_id: UUID, text: Personal[str], version: int | None = None) -> None:
    """Say it in other words; what it said before stays in its history.

    Raises:
        NotFound: `entry_not_found`: absent, or another's.
        Conflict: `entry_changed` since `version`.
        Invalid: `entry_empty`, `entry_long`.
    """
    entry = await _mine(tx, entry_id)
    if entry.deleted_at is not None or entry.kind == Kind.FILE:
        raise NotFound("entry_not_found")
    if version is not None and version != entry.version:
        raise Conflict("entry_changed")
    words = text.reveal().strip()
    _measure(words, needed=True)
    called = await _called(words)
    await timeline_edits.say_anew(tx, entry, words, [number for number, _ in called])


@action(Permission.TIMELINE_WRITE)
async def remove(tx: Tx, entry_id: UUID) -> None:
    """Take one's own entry back; it may be brought back.

    Raises:
        NotFound: `entry_not_found`: absent, another's, or told by the box itself.
    """
    entry = await _mine(tx, entry_id)
    await timeline_edits.set_deleted(tx, entry, deleted=True)


@action(Permission.TIMELINE_WRITE)
async def restore(tx: Tx, entry_id: UUID) -> None:
    """Bring one's own entry back, as it was.

    Raises:
        NotFound: `entry_not_found`.
    """
    entry = await _mine(tx, entry_id)
    await timeline_edits.set_deleted(tx, entry, deleted=False)


@action(Permission.TIMELINE_WRITE)
async def progress(tx: Tx, entry_id: UUID, state: Progress) -> None:
    """Move a complaint or a violation; its author may, and whoever manages quality.

    Raises:
        NotFound: `entry_not_found`: absent, or not for this actor.
        Denied: neither the author nor with the right to it.
    """
    entry = await _reached(tx, entry_id)
    if entry.kind not in QUALITY or entry.deleted_at is not None:
        raise NotFound("entry_not_found")
    mine = entry.author_number == tx.actor.number
    if not mine and Permission.QUALITY_MANAGE not in tx.actor.grants:
        raise Denied(message="the state is moved by the author or a head")
    await timeline_edits.set_progress(tx, entry, state, done=state in SETTLED)


# --- steps ---


async def _written(tx: Tx, form: UUID | None) -> Written | None:
    """What this form has written already; None for a fresh one.

    Raises:
        Conflict: `form_spent`: it is somebody else's.
    """
    found = None if form is None else await timeline.find(form)
    if found is None:
        return None
    if found.source != "user" or found.author_number != tx.actor.number:
        raise Conflict("form_spent")
    attempt = int(msgspec.json.decode(found.data).get("attempt", 0))
    return Written(id=found.id, kind=Kind(found.kind), attempt=attempt)


async def _call_back(tx: Tx, home: "_Home", draft: EntryDraft) -> UUID | None:
    """The task that a call in vain leaves for its author, when he says when to call again."""
    if draft.kind is not Kind.NO_ANSWER or draft.planned_at is None:
        return None
    return await tasks.add(
        tx,
        TaskDraft(
            title=draft.task,
            performer_id=tx.actor.id,
            due_at=draft.planned_at,
            kind=tasks.CALL,
            customer_id=home.customer_id,
            order_id=home.order_id,
            deal_id=home.deal_id,
        ),
    )


async def _tell(
    tx: Tx,
    place: Place,
    home: "_Home",
    called: Sequence[tuple[int, UUID | None]],
    kind: NoticeKind,
) -> None:
    """Tell colleagues where they are wanted; the notice holds no word of what was written."""
    for _, user in called:
        if user is not None:
            await notices.tell(
                tx,
                user,
                kind,
                entity="order" if home.order_id else "deal" if home.deal_id else "customer",
                entity_id=home.order_id or home.deal_id or home.customer_id,
                entity_number=place.order or place.deal or place.client or 0,
            )


class _Home(msgspec.Struct, frozen=True):
    customer_id: UUID
    subject_id: UUID
    order_id: UUID | None = None
    deal_id: UUID | None = None


async def _home(tx: Tx, place: Place) -> _Home:
    """Where a new entry goes, if the actor may write there."""
    if place.order is not None:
        order = await orders.get(tx, OrderSelector(number=place.order))
        return _Home(order.customer_id, order.subject_id, order.id)
    if place.deal is not None:
        deal = await deals.get(tx, place.deal)
        return _Home(deal.customer_id, deal.subject_id, None, deal.id)
    row = await customer_views.find_visible(tx, "c.number = {}", place.client or 0)
    if await links.customer_id(tx, row[1]) is None:  # he writes to orders, and sees no clients
        raise NotFound("customer_not_found")
    if row[8] != "live":
        raise Conflict("customer_gone")
    return _Home(row[0], row[9])


def _may_speak(tx: Tx) -> None:
    if tx.may("comment") is not Access.VISIBLE:
        raise Denied(message="the role hides what colleagues write")


def _checked(tx: Tx, draft: EntryDraft) -> Said:
    _may_speak(tx)
    if draft.kind not in TYPED or draft.kind is Kind.FILE:
        raise Invalid("entry_kind")
    if draft.for_buyer and (draft.kind is not Kind.NOTE or draft.private):
        raise Invalid("entry_for_buyer", fields={"for_buyer": "entry_for_buyer"})
    text, title = draft.text.reveal().strip(), draft.title.reveal().strip()
    _measure(text, needed=draft.kind is not Kind.NO_ANSWER)
    if len(title) > LONGEST_TITLE:
        raise Invalid("entry_long", fields={"title": "entry_long"}, most=LONGEST_TITLE)
    if draft.planned_at is not None and draft.planned_at <= tx.now:
        raise Invalid("entry_when_past", fields={"when": "entry_when_past"})
    if draft.kind in QUALITY and draft.planned_at is None:
        raise Invalid("entry_when_missing", fields={"when": "entry_when_missing"})
    return Said(text=text, title=title)


def _measure(text: str, *, needed: bool) -> None:
    if needed and not text:
        raise Invalid("entry_empty", fields={"text": "entry_empty"})
    if len(text) > LONGEST:
        raise Invalid("entry_long", fields={"text": "entry_long"}, most=LONGEST)


async def _called(text: str) -> list[tuple[int, UUID]]:
    """Number and id of the colleagues whose login stands after an @."""
    logins = [one.rstrip(".-").lower() for one in _MENTION.findall(text)][:MOST_MENTIONS]
    return await timeline_edits.called(logins) if logins else []


async def _reached(tx: Tx, entry_id: UUID) -> Stored:
    entry = await timeline.find(entry_id)
    if entry is None or not await timeline_views.reachable(tx, entry):
        raise NotFound("entry_not_found")
    tx.about("timeline_entry", entry.id)
    return entry


async def _mine(tx: Tx, entry_id: UUID) -> Stored:
    """An entry the actor wrote by hand and still reaches."""
    entry = await _reached(tx, entry_id)
    if (
        entry.kind not in TYPED
        or entry.source != "user"
        or (entry.author_number != tx.actor.number)
    ):
        raise NotFound("entry_not_found")
    return entry
