"""Steps that the actions on requests share."""

from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from appliance.actions._actors import needs_step_up
from appliance.domain.access import ActorKind
from appliance.domain.names import full_name
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, PurposeCode
from appliance.domain.subjects import (
    BLOCKING,
    ENDED,
    RULE,
    RULES,
    DestructionRules,
    RequestKind,
    RequestState,
    Who,
    due_on,
)
from appliance.errors import Conflict, Damaged, Denied, Destroyed, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    consents,
    customer_edits,
    customers,
    notices,
    purposes,
    search_feed,
    sessions,
    settings,
    subject_blocks,
    subject_finds,
    subject_requests,
    workdays,
)
from appliance.storage.customers import Known
from appliance.storage.subject_finds import Card
from appliance.storage.subject_requests import Request
from appliance.storage.tx import Tx

LONGEST_NOTE = 2_000
LONGEST_CHANNEL = 32
OLDEST_DAYS = 366
EASTMOST = timedelta(hours=14)
"""So far is the earliest zone of the Earth before UTC."""


async def known(number: int) -> Known:
    """The living card of a client; who was merged is the one he was merged into.

    Raises:
        NotFound: `customer_not_found`.
    """
    found = await customers.follow(await customers.find_by_number(number))
    if found is None:
        raise NotFound("customer_not_found")
    return found


def must_be_alive(card: Known) -> None:
    """Refuse whom nothing is left of.

    Raises:
        Conflict: `subject_destroyed`.
    """
    if card.state == "destroyed":
        raise Conflict("subject_destroyed", number=card.number)


def checked_day(tx: Tx, received: date | None) -> date:
    """The day a request came in.

    Raises:
        Invalid: `received_on_wrong`: tomorrow, or more than a year ago.
    """
    day = received or tx.now.date()
    # Where the firm is, it may be tomorrow already: Moscow's night is the evening of UTC.
    latest = (tx.now + EASTMOST).date()
    if not 0 <= (latest - day).days <= OLDEST_DAYS:
        raise Invalid(fields={"received_on": "received_on_wrong"})
    return day


async def last_day(tx: Tx, kind: RequestKind, received: date, extra: int = 0) -> date:
    """The last safe day by the box's own calendar; Saturdays and Sundays where it says nothing."""
    off = await workdays.days_off_around(tx.now)
    return due_on(
        RULE[kind].term, received, lambda day: off.get(day, day.weekday() >= 5), extra=extra
    )


async def shown(tx: Tx, card: Known) -> str:
    """How the act will name the person: initials and number, or the name as the setting says.

    Taken down before the block: after it nobody opens the name again.
    """
    rules = await settings.get(RULES, DestructionRules)
    try:
        person = await customer_edits.open_person(tx, card)
    except (Damaged, Destroyed):
        return f"№ {card.number}"
    if rules.full_name:
        return f"{full_name(person, card.kind)}, № {card.number}"
    parts = (person.last_name, person.first_name, person.patronymic)
    initials = " ".join(f"{part[0]}." for part in parts if part)
    return f"{initials} № {card.number}".strip()


async def people_of(card: Known) -> list[Card]:
    """All cards that are the person."""
    return await subject_finds.cards(card.id)


async def block(tx: Tx, request_id: UUID, people: list[Card]) -> None:
    """Block cards and keys.

    Keys last: a crash before the commit leaves a blocked key without a request, which the house
    finds at its next start and writes one for (`destruction.adopt`).
    """
    # The index forgets a text only if it is told it; nobody opens it any more afterwards.
    known, _ = await search_feed.entries(tx, [one.id for one in people])
    await subject_blocks.block(tx, request_id, people)
    tx.vault.begin_destroy(people[0].subject_id)
    tx.index.erase(known)


async def tell_deciders(tx: Tx, kind: RequestKind, request_id: UUID, number: int) -> None:
    """Tell everybody who may agree to a destruction that one waits; not whoever wrote it down."""
    if RULE[kind].destroys:
        able = await subject_requests.holders(Permission.SUBJECT_APPROVE)
        await notices.tell_all(
            tx,
            [
                notices.Told(user, NoticeKind.REQUEST_WAITS, "request", request_id, number)
                for user in sorted(able - {tx.actor.id})
            ],
        )


async def request(number: int) -> Request:
    """A request that is not ended.

    Raises:
        NotFound: `subject_request_not_found`.
        Conflict: `request_ended`.
    """
    one = await subject_requests.get(number)
    if RequestState(one.state) in ENDED:
        raise Conflict("request_ended", number=number)
    return one


async def to_approve(number: int) -> Request:
    """A request that waits for approvals.

    Raises:
        Conflict: `request_ended`, `destroy_not_asked`, `destroy_approved`.
    """
    one = await request(number)
    if not one.rule.destroys or one.state == RequestState.OPEN.value:
        raise Conflict("destroy_not_asked", number=number)
    if one.state != RequestState.BLOCKED.value:
        raise Conflict("destroy_approved", number=number)
    return one


async def must_be_free(tx: Tx, one: Request) -> None:
    """Refuse what a law still keeps.

    Raises:
        Conflict: `destroy_held` with the last day.
    """
    holds = await subject_requests.holds_of(one, tx.now.date())
    if holds:
        raise Conflict("destroy_held", until=holds[0].until.isoformat(), law=holds[0].law)


class Asked(Protocol):
    """What somebody asked for, and from where."""

    @property
    def asked_by(self) -> UUID | None: ...

    @property
    def asked_session(self) -> str: ...

    @property
    def asked_device(self) -> str: ...


async def other_hand(tx: Tx, one: Asked) -> sessions.Mark:
    """Who agrees must be another person, in another session, at another browser.

    Raises:
        Denied: `step_up_needed`, `approve_nobody` (a program or the house), `approve_own`,
            `approve_same_session`, `approve_same_device`.
    """
    needs_step_up(tx)
    if tx.actor.kind not in (ActorKind.USER, ActorKind.CONSOLE) or not tx.actor.number:
        raise Denied("approve_nobody")
    if tx.actor.id == one.asked_by:
        raise Denied("approve_own")
    mark = await sessions.mark_of(tx.actor.id, tx.actor.session)
    if mark.session and mark.session == one.asked_session:
        raise Denied("approve_same_session")
    if mark.device and mark.device == one.asked_device:
        raise Denied("approve_same_device")
    return mark


async def settle(tx: Tx, one: Request) -> bool:
    """Begin the pause when everybody needed has agreed; whether it began."""
    people, code = await subject_requests.needs(one)
    given = [a for a in await subject_requests.approvals(one.id) if a.stands]
    agreed = {a.user_id for a in given if not a.by_code}
    if len(agreed) < people or (code and not any(a.by_code for a in given)):
        return False
    rules = await settings.get(RULES, DestructionRules)
    pause = rules.pause(alone=code)
    await subject_requests.change(
        one.id,
        state=RequestState.COOLING.value,
        approved_at=tx.now,
        approved_by=tx.actor.id,
        pause_hours=int(pause.total_seconds()) // 3600,
        cooling_from_ms=None,
    )
    return True


async def unblock(tx: Tx, one: Request) -> None:
    """Make the person as he was: keys first, so that nothing live is left with blocked cells.

    Raises:
        Conflict: `destroy_begun`: it is too late.
    """
    if RequestState(one.state) not in BLOCKING or one.counted.kept_of:
        raise Conflict("destroy_begun", number=one.number)
    tx.vault.cancel_destroy(one.subject_id)
    await subject_blocks.unblock(tx, one.id)


def answered(tx: Tx, one: Request, text: str) -> bytes:
    """The sealed part with an answer in it."""
    who = subject_requests.who_of(tx, one)
    return subject_requests.seal(
        tx, one.id, Who(shown=who.shown, note=who.note, answer=text.strip())
    )


async def goes_on(tx: Tx, customer_id: UUID, kind: RequestKind) -> bool:
    """End what stands on consent; whether another ground lets the work go on."""
    if kind is RequestKind.MARKETING:
        await consents.withdraw(tx, customer_id, PurposeCode.MAILING)
    if kind is not RequestKind.WITHDRAW:
        return False
    for code in PurposeCode:
        await consents.withdraw(tx, customer_id, code)
    known = (await purposes.of_customers([customer_id])).get(customer_id, ())
    return any(
        one.basis is not LegalBasis.CONSENT and (one.until is None or one.until > tx.now)
        for one in known
    )


def said(reason: Personal[str]) -> str:
    """A reason or an answer as typed.

    Raises:
        Invalid: `answer_missing`, `note_too_long`.
    """
    text = reason.reveal().strip()
    if not text:
        raise Invalid(fields={"reason": "answer_missing"})
    if len(text) > LONGEST_NOTE:
        raise Invalid(fields={"reason": "note_too_long"})
    return text
