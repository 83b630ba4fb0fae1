"""The house's own part of letters: taking one to the server, and writing down what came of it."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from uuid import UUID

import msgspec

from appliance.actions import _letters
from appliance.actions._gate import action
from appliance.actions.buyers import new_token
from appliance.domain.access import NOBODY, Actor
from appliance.domain.buyers import SETTING, BuyerSettings
from appliance.domain.letter_texts import fill
from appliance.domain.letters import Attached, LetterContent, LetterState, Outgoing, Template
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.roles import Permission
from appliance.storage import files, letters, notices, orders, references, settings, status_links
from appliance.storage.letters import NewLetter
from appliance.storage.tx import Tx

Words = Callable[[tuple[str, str, int, str]], Mapping[str, str]]


@action(Permission.HOUSE)
async def take(tx: Tx, letter_id: UUID) -> Outgoing | None:
    """Open a letter for its way; None where there is nothing to be sent any more.

    Without an account its `host` is empty. A second delivery of one whose answer is unknown
    (`SENDING`) is sent again, under the same Message-ID.
    """
    letter = await letters.find(letter_id)
    if letter is None or letter.state not in letters.OPEN:
        return None
    account = await letters.account()
    try:
        content = letters.open_(tx, letter)
        attached = await _attached(tx, letter.files)
    except (Damaged, Destroyed):
        await letters.settle(tx, letter_id, LetterState.REFUSED, "mail_unreadable")
        return None
    if account.is_set:
        await letters.begin(letter)
    if content.notice is not None:
        one = await letters.template("notice")
        content = msgspec.structs.replace(content, subject=one.subject, text=one.body)
    password = b""
    if account.password:
        password = tx.vault.open_secret(letters.PASSWORD, NOBODY, account.password)
    return Outgoing(
        id=letter_id,
        attempts=letter.attempts + 1,
        host=account.host if account.is_set else "",
        port=account.port,
        security=account.security,
        login=account.login,
        password=Personal(password.decode()),
        from_address=account.from_address,
        from_name=account.from_name,
        content=Personal(content),
        files=attached,
    )


async def _attached(tx: Tx, listed: str) -> tuple[Attached, ...]:
    found: list[Attached] = []
    for file_id in msgspec.json.decode(listed, type=list[UUID]):
        kept, body = await files.read(tx, file_id)
        found.append(Attached(name=Personal(kept.name), media=kept.media, body=Personal(body)))
    return tuple(found)


def worded(outgoing: Outgoing, words: Words) -> Outgoing:
    """A notice put into words; any other letter as it is."""
    content = outgoing.content.reveal()
    if content.notice is None:
        return outgoing
    template = Template(code="notice", subject=content.subject, body=content.text)
    subject, text = fill(template, words(content.notice))
    said = msgspec.structs.replace(content, subject=subject, text=text, notice=None)
    return msgspec.structs.replace(outgoing, content=Personal(said))


@action(Permission.HOUSE)
async def done(tx: Tx, letter_id: UUID) -> None:
    """The server took it."""
    await letters.settle(tx, letter_id, LetterState.SENT)
    await letters.note_trouble(tx, "")


@action(Permission.HOUSE)
async def hold(tx: Tx, letter_id: UUID, reason: str) -> None:
    """The server cannot be talked to: the letter waits, and no attempt is used up."""
    await letters.settle(tx, letter_id, LetterState.WAITING, reason)
    await letters.note_trouble(tx, reason)


@action(Permission.HOUSE)
async def come_again(tx: Tx, letter_id: UUID, reason: str) -> None:
    """The server wants it again."""
    await letters.settle(tx, letter_id, LetterState.RETRY, reason)
    await letters.note_trouble(tx, "")


@action(Permission.HOUSE)
async def refuse(tx: Tx, letter_id: UUID, reason: str) -> None:
    """It will not go: whoever wrote it is told."""
    letter = await letters.settle(tx, letter_id, LetterState.REFUSED, reason)
    await letters.note_trouble(tx, "")
    if letter is None or letter.user_id is not None:
        return
    author = await _letters.author_of(letter)
    entity, entity_id, number = await _letters.about(letter)
    if author is not None and number:
        await notices.tell(
            tx,
            author,
            NoticeKind.MAIL_FAILED,
            entity=entity,
            entity_id=entity_id,
            entity_number=number,
        )


async def tell_status(actor: Actor, order_id: UUID, status: str, delivery: UUID, base: str) -> None:
    """Write to the buyer that his order moved on, if the box is told to; once per delivery."""
    token = new_token()
    await write_status(
        actor,
        order_id,
        status,
        delivery,
        sha256(token.encode()).digest(),
        Personal(f"{base}/s/{token}"),
    )


@action(Permission.HOUSE, quiet=True)
async def write_status(
    tx: Tx, order_id: UUID, status: str, delivery: UUID, token_hash: bytes, link: Personal[str]
) -> None:
    """The same with the token made already."""
    rules = await settings.get(SETTING, BuyerSettings)
    lists = await references.lists()
    if lists.group_of(status) not in rules.tells or await letters.by_form(delivery) is not None:
        return
    if not (await letters.account()).is_set:
        return
    try:
        order = await orders.get(tx, OrderSelector(id=order_id))
        to = orders.open_contact(tx, order, name=False, reach=True, comments=False).email
    except (NotFound, Destroyed, Damaged):
        return
    # Moved on meanwhile: the later move has a delivery of its own.
    if order.status != status or not (to := _letters.address(to)):
        return
    values = dict(await _letters.of_order(tx, lists, order), link=link.reveal())
    subject, text = fill(await letters.template("status"), values)
    link_id = await status_links.add(tx, order.id, token_hash, rules.term)
    await letters.add(
        tx,
        NewLetter(
            kind="status",
            content=LetterContent(to=to, name=values["name"], subject=subject, text=text),
            form=delivery,
            subject_id=order.subject_id,
            customer_id=order.customer_id,
            order_id=order.id,
            link_id=link_id,
        ),
    )
