"""Letters: kept sealed until they are sent, and as the proof of it afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import emails
from appliance.domain.events import LetterRequested
from appliance.domain.ids import uuid7
from appliance.domain.letter_texts import DEFAULTS
from appliance.domain.letters import (
    ACCOUNT,
    OPEN,
    LetterContent,
    LetterState,
    LetterView,
    MailAccount,
    Template,
)
from appliance.domain.timeline import Entry, Kind, Said
from appliance.domain.users import Profile
from appliance.storage import counters, settings, staff, timeline
from appliance.storage.statements import any_of, execute, fetch, fetch_one, fetch_value, insert
from appliance.storage.tables import LetterRow, LetterTemplateRow
from appliance.storage.tx import Tx

LABEL = "letter.content"
PASSWORD = "mail.password"  # noqa: S105  (the label it is sealed under)
PAGE = 50

_encode = msgspec.msgpack.Encoder().encode
_content = msgspec.msgpack.Decoder(LetterContent)


class NewLetter(NamedTuple):
    """A letter to be kept; a colleague's names only `user_id`."""

    kind: str
    content: LetterContent
    form: UUID | None = None
    subject_id: UUID | None = None
    customer_id: UUID | None = None
    order_id: UUID | None = None
    deal_id: UUID | None = None
    user_id: UUID | None = None
    link_id: UUID | None = None
    files: Sequence[UUID] = ()
    at: datetime | None = None
    """Not before this moment."""


class Letter(NamedTuple):
    """A letter as stored, its cell still closed."""

    id: UUID
    number: int
    kind: str
    state: str
    reason: str
    subject_id: UUID | None
    customer_id: UUID | None
    order_id: UUID | None
    deal_id: UUID | None
    user_id: UUID | None
    content: bytes | None
    files: str
    author_number: int
    attempts: int


_COLUMNS = ", ".join(Letter._fields)


async def by_form(form: UUID) -> UUID | None:
    """The letter this form made already."""
    return await fetch_value("SELECT id FROM letter WHERE form = {}", form)


async def add(tx: Tx, new: NewLetter) -> UUID:
    """Keep a letter, tell of it in the stream, and have it sent.

    Raises:
        Destroyed, Sealed: see `Tx.seal`.
    """
    letter_id = uuid7()
    await insert(
        LetterRow,
        id=letter_id,
        number=await counters.draw("letter"),
        kind=new.kind,
        state=LetterState.WAITING.value,
        subject_id=new.subject_id,
        customer_id=new.customer_id,
        order_id=new.order_id,
        deal_id=new.deal_id,
        user_id=new.user_id,
        link_id=new.link_id,
        content=_seal(tx, letter_id, new.subject_id, new.content),
        files=msgspec.json.encode([str(one) for one in new.files]).decode(),
        author_number=tx.actor.number,
        form=new.form,
        created_at=tx.now,
    )
    if new.subject_id is not None:
        await timeline.record(
            tx,
            Entry(
                kind=Kind.LETTER,
                at=tx.now,
                customer_id=new.customer_id,
                order_id=new.order_id,
                deal_id=new.deal_id,
                subject_id=new.subject_id,
                ref_id=letter_id,
                said=Said(title=new.content.subject, text=new.content.text),
                data=_told(new.kind, LetterState.WAITING, "", len(new.files)),
            ),
        )
    tx.emit(LetterRequested(letter_id=letter_id), new.at)
    return letter_id


def _told(kind: str, state: LetterState, reason: str, files: int) -> Mapping[str, Any]:
    return {"template": kind, "state": state.value, "reason": reason, "files": files}


def _seal(tx: Tx, letter_id: UUID, subject_id: UUID | None, content: LetterContent) -> bytes:
    if subject_id is None:
        return tx.vault.seal_secret(LABEL, letter_id, _encode(content))
    return tx.seal("letter", "content", letter_id, subject_id, content, "email", "comment")


def open_(tx: Tx, letter: Letter) -> LetterContent:
    """What is in it.

    Raises:
        Damaged, Destroyed, Sealed: see `Tx.open`.
    """
    cell = letter.content or b""
    if letter.subject_id is None:
        return _content.decode(tx.vault.open_secret(LABEL, letter.id, cell))
    return tx.open(
        "letter",
        "content",
        letter.id,
        letter.subject_id,
        cell,
        LetterContent,
        "email",
        "comment",
    )


async def find(letter_id: UUID) -> Letter | None:
    """One letter, whoever asks."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM letter WHERE id = {{}}", letter_id)
    return None if row is None else Letter(*row)


async def by_number(number: int) -> Letter | None:
    """One letter by its number, whoever asks."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM letter WHERE number = {{}}", number)
    return None if row is None else Letter(*row)


async def begin(letter: Letter) -> None:
    """Note that a server is being asked: a crash from here on leaves the answer unknown."""
    await execute(
        "UPDATE letter SET state = {}, attempts = attempts + 1 WHERE id = {}",
        LetterState.SENDING.value,
        letter.id,
    )


async def settle(tx: Tx, letter_id: UUID, state: LetterState, reason: str = "") -> Letter | None:
    """Write down where a letter stands, here and in the stream; None if that was known."""
    letter = await find(letter_id)
    if letter is None or letter.state not in OPEN:
        return None
    back = 1 if state is LetterState.WAITING else 0  # a server that is down costs no attempt
    await execute(
        "UPDATE letter SET state = {}, reason = {}, attempts = attempts - {}, settled_at = {} "
        "WHERE id = {}",
        state.value,
        reason,
        back,
        None if state in OPEN else tx.now,
        letter_id,
    )
    files = len(msgspec.json.decode(letter.files))
    await execute(
        "UPDATE timeline_entry SET data = {} WHERE ref_id = {} AND kind = {}",
        timeline.json_of(_told(letter.kind, state, reason, files)),
        letter_id,
        Kind.LETTER.value,
    )
    tx.concern("letter", letter_id)
    tx.concern("order", letter.order_id)
    tx.concern("deal", letter.deal_id)
    tx.concern("customer", letter.customer_id)
    return letter


async def page(before: int | None, limit: int) -> list[LetterView]:
    """Letters by number, the newest first; nobody's address is read."""
    bound = "" if before is None else "WHERE l.number < {} "
    values = () if before is None else (before,)
    rows = await fetch(
        "SELECT l.id, l.number, l.kind, l.state, l.reason, l.author_number, l.attempts, "
        "l.created_at, l.settled_at, o.number, d.number, c.number FROM letter l "
        "LEFT JOIN orders o ON o.id = l.order_id LEFT JOIN deal d ON d.id = l.deal_id "
        f"LEFT JOIN customer c ON c.id = l.customer_id {bound}ORDER BY l.number DESC LIMIT {{}}",
        *values,
        limit,
    )
    return [_view(row) for row in rows]


def _view(row: Sequence[Any]) -> LetterView:
    created: datetime = row[7]
    return LetterView(
        id=row[0],
        number=row[1],
        kind=row[2],
        state=LetterState(row[3]),
        reason=row[4],
        author_number=row[5],
        attempts=row[6],
        created_at=created,
        settled_at=row[8],
        order_number=row[9] or 0,
        deal_number=row[10] or 0,
        client_number=row[11] or 0,
    )


async def opted_out(customer_id: UUID) -> bool:
    """Whether the client took back his consent to letters and gave no other since."""
    row = await fetch_one(
        "SELECT COUNT(*), SUM(CASE WHEN withdrawn_at IS NULL THEN 1 ELSE 0 END) FROM consent "
        "WHERE customer_id = {} AND purpose = 'mailing'",
        customer_id,
    )
    return row is not None and row[0] > 0 and not row[1]


# --- templates ---


async def template(code: str) -> Template:
    """A template as it is now; an unknown code is a KeyError."""
    row = await fetch_one("SELECT subject, body FROM letter_template WHERE code = {}", code)
    own = DEFAULTS[code]
    return own if row is None else Template(code=code, subject=row[0], body=row[1], changed=True)


async def templates() -> dict[str, Template]:
    """All of them, by code."""
    rows = await fetch("SELECT code, subject, body FROM letter_template")
    changed = {
        code: Template(code=code, subject=subject, body=body, changed=True)
        for code, subject, body in rows
    }
    return {code: changed.get(code, one) for code, one in DEFAULTS.items()}


async def put_template(tx: Tx, one: Template) -> None:
    """Keep a template, or go back to the release's when it says the same."""
    await execute("DELETE FROM letter_template WHERE code = {}", one.code)
    own = DEFAULTS[one.code]
    if (one.subject, one.body) == (own.subject, own.body):
        return
    await insert(
        LetterTemplateRow,
        code=one.code,
        subject=one.subject,
        body=one.body,
        changed_by=tx.actor.number,
        changed_at=tx.now,
    )


# --- the account ---


async def account() -> MailAccount:
    """The account, its password still sealed."""
    return await settings.get(ACCOUNT, MailAccount)


async def note_trouble(tx: Tx, code: str) -> None:
    """Keep why letters wait, or that they do not any more."""
    known = await account()
    if known.trouble == code:
        return
    at = tx.now if code else None
    await settings.put(ACCOUNT, msgspec.structs.replace(known, trouble=code, trouble_at=at))


async def addresses_of(customer_id: UUID) -> list[tuple[UUID, UUID, bytes]]:
    """(id, subject, cell) of a client's e-mail addresses, in their order."""
    rows = await fetch(
        "SELECT id, subject_id, value FROM contact WHERE customer_id = {} AND kind = 'email' "
        "AND value IS NOT NULL ORDER BY position",
        customer_id,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def to_colleagues(tx: Tx, told: Sequence[tuple[UUID, str, str, int, datetime]]) -> None:
    """Write notices to colleagues, too: (who, kind, entity, number, when he may be told).

    Words come when it leaves.

    Whoever has no address in his account gets none; without a mail account nobody does.
    """
    if not tx.vault.is_open or not (await account()).is_set:
        return
    people = {row[0]: row for row in await users_with([one[0] for one in told])}
    for user_id, kind, entity, number, at in told:
        row = people.get(user_id)
        if row is None or row[1] is None:
            continue
        opened = tx.vault.open_secret(staff.LABEL, user_id, row[1])
        profile = msgspec.msgpack.decode(opened, type=Profile)
        to = emails.normalise(profile.email) or ""
        if not to.isascii() or not to:
            continue
        content = LetterContent(to=to, name=profile.name, notice=(kind, entity, number, row[2]))
        await add(tx, NewLetter(kind="notice", content=content, user_id=user_id, at=at))


async def users_with(ids: Sequence[UUID]) -> list[tuple[UUID, bytes | None, str]]:
    """(id, profile, language) of colleagues who work here."""
    rows = await fetch(
        "SELECT id, profile, language FROM users WHERE active = {} AND id IN {}",
        True,
        any_of(ids),
    )
    return [(row[0], row[1], row[2]) for row in rows]
