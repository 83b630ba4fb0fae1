"""Letters from cards: filling a form from a template, sending, calling back, the list."""

from uuid import UUID

from appliance.actions import _letters
from appliance.actions._gate import action
from appliance.actions._letters import Home
from appliance.domain.buyers import SETTING, BuyerSettings
from appliance.domain.grants import Access
from appliance.domain.letter_texts import ABOUT_THE_ORDER, OF_ORDERS, OF_OTHERS, fill, with_link
from appliance.domain.letters import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MARK,
    LetterContent,
    LetterDraft,
    LetterForm,
    LettersPage,
    LetterState,
    Recipient,
)
from appliance.domain.masks import mask_email
from appliance.domain.papers import INSIDE, Paper
from appliance.domain.personal import Personal
from appliance.domain.timeline import Entry, Kind, Place, Said
from appliance.errors import Conflict, Damaged, Destroyed, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    desk,
    files,
    letters,
    orders,
    papers,
    references,
    settings,
    status_links,
    timeline,
)
from appliance.storage.letters import NewLetter
from appliance.storage.orders import Order
from appliance.storage.tx import Tx

OF_THE_ORDER = "order"
"""Stands for the order's own address among recipients."""

MOST_FILES = 5


@action(Permission.LETTER_SEND, reads=True)
async def compose(tx: Tx, place: Place, template: str = "") -> LetterForm:
    """A form filled from a template; the link is only marked in it.

    Raises:
        NotFound: `order_not_found`, `deal_not_found`, `customer_not_found`.
        Conflict: `customer_gone`.
    """
    home = await _letters.home_of(tx, place)
    known = OF_ORDERS if home.order is not None else OF_OTHERS
    code = template if template in known else known[0]
    subject, text = fill(await letters.template(code), await _letters.values_of(tx, home))
    return LetterForm(
        template=code,
        templates=known,
        recipients=await _recipients(tx, home),
        subject=Personal(subject),
        text=Personal(text),
        ready=(await letters.account()).is_set,
        opted_out=await letters.opted_out(home.customer_id),
        papers=await _papers(tx, home),
    )


async def _papers(tx: Tx, home: Home) -> tuple[Paper, ...]:
    """The order's documents that are meant for others and that the actor may open."""
    if home.order is None or Permission.PAPER_MAKE not in tx.actor.grants:
        return ()
    found = await papers.of_order(home.order.id)
    return tuple(one for one in found if one.ready and one.kind not in INSIDE)


async def _recipients(tx: Tx, home: Home) -> tuple[Recipient, ...]:
    """Addresses a letter may go to: whole, masked, or only counted, as the role sees them."""
    found: dict[str, str] = {}
    if home.order is not None:
        typed = _letters.address(_order_email(tx, home.order))
        if typed:
            found[typed] = OF_THE_ORDER
    for contact_id, subject_id, cell in await letters.addresses_of(home.customer_id):
        known = _letters.email_of(tx, contact_id, subject_id, cell)
        if known:
            found.setdefault(known, str(contact_id))
    access = tx.may("email")
    return tuple(
        Recipient(value=value, shown=Personal(_shown(at, to, access)))
        for at, (to, value) in enumerate(found.items(), 1)
    )


def _shown(at: int, to: str, access: Access) -> str:
    if access is Access.VISIBLE:
        return to
    return mask_email(to) if access is Access.MASKED else f"№ {at}"


def _order_email(tx: Tx, order: Order) -> str:
    try:
        return orders.open_contact(tx, order, name=False, reach=True, comments=False).email
    except (Destroyed, Damaged):
        return ""


@action(Permission.LETTER_SEND)
async def send(tx: Tx, place: Place, draft: LetterDraft) -> UUID:
    """Put a letter into the outbox, with its line in the stream.

    Raises:
        NotFound: `order_not_found`, `deal_not_found`, `customer_not_found`.
        Conflict: `customer_gone`, `mail_not_set`, `letter_opted_out`.
        Invalid: by field: `email_wrong`, `entry_empty`, `entry_long`, `attachment_many`,
            `attachment_too_large`, `attachment_empty`, `paper_not_found`.
    """
    home = await _letters.home_of(tx, place)
    known = await letters.by_form(draft.form)
    if known is not None:
        return known
    if not (await letters.account()).is_set:
        raise Conflict("mail_not_set")
    about_the_order = home.order is not None and draft.template in ABOUT_THE_ORDER
    if not about_the_order and await letters.opted_out(home.customer_id):
        raise Conflict("letter_opted_out")
    content = await _content(tx, home, draft)
    link_id = None
    if home.order is not None and draft.token_hash and MARK in draft.text.reveal():
        rules = await settings.get(SETTING, BuyerSettings)
        link_id = await status_links.add(tx, home.order.id, draft.token_hash, rules.term)
    kept = await _keep(tx, home, draft)
    kind = draft.template if draft.template in OF_ORDERS else "letter"
    letter_id = await letters.add(
        tx,
        NewLetter(
            kind=kind,
            content=content,
            form=draft.form,
            subject_id=home.subject_id,
            customer_id=home.customer_id,
            order_id=None if home.order is None else home.order.id,
            deal_id=home.deal_id,
            link_id=link_id,
            files=kept,
        ),
    )
    tx.about("letter", letter_id)
    return letter_id


async def _content(tx: Tx, home: Home, draft: LetterDraft) -> LetterContent:
    subject = " ".join(draft.subject.reveal().split())
    text = draft.text.reveal().replace("\r\n", "\n").strip()
    for field, said, most in (
        ("subject", subject, LONGEST_SUBJECT),
        ("text", text, LONGEST_TEXT),
    ):
        if not said:
            raise Invalid("entry_empty", fields={field: "entry_empty"})
        if len(said) > most:
            raise Invalid("entry_long", fields={field: "entry_long"}, most=most)
    to = await _to(tx, home, draft.to.reveal().strip())
    return LetterContent(to=to, subject=subject, text=with_link(text, draft.link.reveal()))


async def _to(tx: Tx, home: Home, given: str) -> str:
    """The address behind a choice, or the typed one."""
    found = ""
    if given == OF_THE_ORDER and home.order is not None:
        found = _letters.address(_order_email(tx, home.order))
    elif "@" in given:
        found = _letters.address(given)
    else:
        for contact_id, subject_id, cell in await letters.addresses_of(home.customer_id):
            if str(contact_id) == given:
                found = _letters.email_of(tx, contact_id, subject_id, cell)
    if not found:
        raise Invalid("email_wrong", fields={"to": "email_wrong"})
    return found


async def _keep(tx: Tx, home: Home, draft: LetterDraft) -> list[UUID]:
    """Files that go with it; each is a line of the stream, too, by which it is found again."""
    if len(draft.sent) + len(draft.papers) > MOST_FILES:
        raise Invalid("attachment_many", fields={"file": "attachment_many"}, most=MOST_FILES)
    known = {one.number for one in await _papers(tx, home)} if draft.papers else set[int]()
    if not known.issuperset(draft.papers):
        raise Invalid("paper_not_found", fields={"file": "paper_not_found"})
    printed = [(await papers.get(tx, number)).file_id for number in draft.papers]
    kept: list[UUID] = [one for one in printed if one is not None]
    for one in draft.sent:
        name, body = one.name.reveal(), one.body.reveal()
        file_id = await files.keep(tx, home.subject_id, name, body, one.media)
        kept.append(file_id)
        await timeline.record(
            tx,
            Entry(
                kind=Kind.FILE,
                at=tx.now,
                customer_id=home.customer_id,
                order_id=None if home.order is None else home.order.id,
                deal_id=home.deal_id,
                subject_id=home.subject_id,
                ref_id=file_id,
                said=Said(title=files.shown_name(name)),
                data={"size": len(body)},
            ),
        )
    return kept


@action(Permission.MAIL_MANAGE)
async def cancel(tx: Tx, number: int) -> None:
    """Call back a letter that has not left.

    Raises:
        NotFound: `letter_not_found`.
        Conflict: `letter_gone`: a server has it, or is being asked.
    """
    letter = await letters.by_number(number)
    if letter is None:
        raise NotFound("letter_not_found")
    if letter.state not in (LetterState.WAITING, LetterState.RETRY):
        raise Conflict("letter_gone")
    await letters.settle(tx, letter.id, LetterState.CANCELLED)


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def page(tx: Tx, before: int | None = None) -> LettersPage:
    """Letters, the newest first: what they are about and what came of them, no address."""
    rows = await letters.page(before, letters.PAGE + 1)
    more = len(rows) > letters.PAGE
    rows = rows[: letters.PAGE]
    return LettersPage(
        rows=tuple(rows),
        after=rows[-1].number if more else None,
        account=await letters.account(),
        codes=await desk.codes(tx, await references.lists()),
    )
