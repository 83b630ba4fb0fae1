"""Anchors of the log: what was kept outside, by which ways, and the owner's choice of them.

The carrying is boot's: it has the log, the folders and the vault's signature. Here it is written
down, and letters are put into the outbox.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from appliance.actions import _letters, _typesetting
from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.actions._papers import square
from appliance.domain.access import Actor
from appliance.domain.anchors import (
    CHECKED,
    MOST_ADDRESSES,
    Anchor,
    AnchorKind,
    Checked,
    Kept,
    RulesForm,
    Tried,
)
from appliance.domain.letters import LetterContent
from appliance.domain.papers import Sheet
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import anchors, letters, print_templates, settings
from appliance.storage.letters import NewLetter
from appliance.storage.tx import Tx

PAGE = 50


class Plan(NamedTuple):
    """What the clock needs to know.

    Attributes:
        rules: the choice, without the addresses.
        tried: kind → how it stands.
        mail_waits: a letter is on its way: no second one beside it.
    """

    rules: RulesForm
    tried: Mapping[AnchorKind, Tried]
    mail_waits: bool


class Written(NamedTuple):
    """A checkpoint in words.

    Attributes:
        size: of the checkpoint.
        subject, text: of the letter, the note in it.
    """

    size: int
    subject: str
    text: str


@action(Permission.HOUSE, quiet=True)
async def plan(tx: Tx) -> Plan:
    """How it stands with every kind; letters that arrived are settled on the way."""
    await anchors.settle(tx)
    known = await anchors.rules(tx)
    rules = RulesForm(file=known.file, mail=known.mail, paper=known.paper)
    tried = {kind: await anchors.tried(kind) for kind in AnchorKind}
    return Plan(rules, tried, await anchors.waits(AnchorKind.MAIL))


@action(Permission.HOUSE)
async def keep(tx: Tx, kept: Sequence[Kept]) -> None:
    """Write down what the box kept by itself, or why it could not."""
    await _keep(tx, kept)


@action(Permission.BOX_MANAGE)
async def keep_asked(tx: Tx, kept: Sequence[Kept]) -> None:
    """The same, when somebody asked for it."""
    await _keep(tx, kept)


async def _keep(tx: Tx, kept: Sequence[Kept]) -> None:
    for one in kept:
        await anchors.add(tx, one)
    tx.payload = {
        "size": max((one.size for one in kept), default=0),
        "kept": sum(1 for one in kept if not one.code),
        "failed": sum(1 for one in kept if one.code),
    }


@action(Permission.HOUSE)
async def post(tx: Tx, written: Written) -> str:
    """Put the letters with a checkpoint into the outbox; why not, where they cannot go."""
    return await _post(tx, written)


@action(Permission.BOX_MANAGE)
async def post_asked(tx: Tx, written: Written) -> str:
    """The same, when somebody asked for it."""
    return await _post(tx, written)


async def _post(tx: Tx, written: Written) -> str:
    to = (await anchors.rules(tx)).to.reveal()
    code = "" if (await letters.account()).is_set else "mail_not_set"
    if not to:
        code = "anchor_no_address"
    kept = Kept(kind=AnchorKind.MAIL, place=str(len(to)), size=written.size, code=code)
    if code:
        await anchors.add(tx, kept)
        return code
    for address in to:
        content = LetterContent(to=address, subject=written.subject, text=written.text)
        letter_id = await letters.add(tx, NewLetter(kind="anchor", content=content))
        await anchors.add(tx, kept, letter_id)
    return ""


async def paper(actor: Actor, size: int, note: str, fields: Mapping[str, object]) -> bytes:
    """A checkpoint as a page with a square code, a PDF.

    Raises:
        Denied: as the gate refuses.
        Unavailable: `printing_failed`.
    """
    await printed(actor, size)
    sheet = Sheet(
        template=print_templates.anchor(),
        fields=Personal(fields),
        pictures={"note.svg": square(note)},
    )
    return await _typesetting.drawn(sheet)


@action(Permission.BOX_MANAGE)
async def printed(tx: Tx, size: int) -> None:
    """Write down that somebody printed a checkpoint."""
    await anchors.add(tx, Kept(kind=AnchorKind.PAPER, place="", size=size))


@action(Permission.AUDIT_VIEW, reads=True, quiet=True)
async def journal(tx: Tx, before: int | None = None) -> list[Anchor]:
    """What was kept, the newest first."""
    return await anchors.page(before, PAGE)


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def rules(tx: Tx) -> RulesForm:
    """The choice."""
    return await anchors.rules(tx)


@action(Permission.BOX_MANAGE)
async def set_rules(tx: Tx, form: RulesForm) -> None:
    """Choose where checkpoints are kept.

    Raises:
        Denied: `step_up_needed`.
        Invalid: `to`: `email_wrong`, `anchor_no_address`, `anchor_many_addresses`.
        Conflict: `anchor_none_chosen`, `setting_locked`.
    """
    needs_step_up(tx)
    to = tuple(_letters.address(one) for one in form.to.reveal() if one.strip())
    if not all(to):
        raise Invalid(fields={"to": "email_wrong"})
    if len(to) > MOST_ADDRESSES:
        raise Invalid(fields={"to": "anchor_many_addresses"}, most=MOST_ADDRESSES)
    if form.mail and not to:
        raise Invalid(fields={"to": "anchor_no_address"})
    if not (form.file or form.mail or form.paper):
        raise Conflict("anchor_none_chosen")
    fresh = RulesForm(file=form.file, mail=form.mail, paper=form.paper, to=Personal(to))
    await anchors.put_rules(tx, fresh)
    tx.object_type = "anchor"
    tx.payload = {"file": int(form.file), "mail": int(form.mail), "paper": int(form.paper)}


@action(Permission.HOUSE)
async def checked(tx: Tx, found: Checked) -> None:
    """Keep what the box's verifier found."""
    await settings.put(CHECKED, found)
    tx.object_type = "audit_log"
    tx.payload = {"ok": int(found.ok), "size": found.size, "first_bad": found.first_bad}


@action(Permission.AUDIT_VIEW)
async def check(tx: Tx) -> None:
    """Write down that somebody has the log verified."""
    tx.object_type = "audit_log"


@action(Permission.AUDIT_VIEW, reads=True, quiet=True)
async def last_check(tx: Tx) -> Checked:
    """What the verifier found last."""
    return await settings.get(CHECKED, Checked)


@action(Permission.HOUSE)
async def lost(tx: Tx, size: int, behind: int) -> None:
    """Write down that a restored log is shorter than what was kept of it outside.

    Args:
        tx: of the house.
        size: of the log that goes on.
        behind: size of the newest checkpoint kept of the one that is lost.
    """
    tx.object_type = "audit_log"
    tx.payload = {"size": size, "kept": behind}
