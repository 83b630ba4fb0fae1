"""A second person for a deed: steps that several actions share."""

from appliance.domain.agreements import KEY, Agreement, Agreements, Deed, Hands, Stand
from appliance.domain.notices import NoticeKind
from appliance.errors import Denied
from appliance.roles import Permission
from appliance.storage import notices, sessions, settings, subject_requests
from appliance.storage.tx import Tx


async def others(tx: Tx) -> int:
    """How many other colleagues could agree."""
    able = await subject_requests.holders(Permission.BOX_MANAGE)
    return len(able - {tx.actor.id})


async def asked(tx: Tx, deed: Deed, about: str) -> Agreement:
    """Ask a second person for a deed; who asks again is not asked twice.

    Raises:
        Denied: `agreement_named`.
    """
    if not tx.actor.number:
        raise Denied("agreement_named")
    known = await settings.get(KEY, Agreements)
    tx.object_type = "agreement"
    for one in known.kept:
        same = (one.deed, one.about, one.asked_by) == (deed, about, tx.actor.id)
        if same and one.stand(tx.now) is not Stand.OVER:
            return one
    mark = await sessions.mark_of(tx.actor.id, tx.actor.session)
    made = Agreement(
        number=known.last + 1,
        deed=deed,
        about=about,
        asked_by=tx.actor.id,
        asked_number=tx.actor.number,
        asked_session=mark.session,
        asked_device=mark.device,
        asked_at=tx.now,
    )
    tx.payload = {"number": made.number, "deed": deed.value, "about": about}
    await settings.put(KEY, known.with_(made, tx.now))
    able = await subject_requests.holders(Permission.BOX_MANAGE)
    told = [
        notices.Told(user, NoticeKind.HANDS_WAIT, "agreement", None, made.number)
        for user in sorted(able - {tx.actor.id})
    ]
    await notices.tell_all(tx, told)
    return made


async def own(tx: Tx, deed: Deed, about: str) -> Agreement | None:
    """What the actor asked for just this, while it stands."""
    for one in (await settings.get(KEY, Agreements)).kept:
        same = (one.deed, one.about, one.asked_by) == (deed, about, tx.actor.id)
        if same and one.stand(tx.now) is not Stand.OVER:
            return one
    return None


async def waiting(tx: Tx) -> int:
    """How many askings nobody agreed to yet."""
    known = await settings.get(KEY, Agreements)
    return sum(one.stand(tx.now) is Stand.WAITING for one in known.kept)


async def must_be_agreed(tx: Tx, deed: Deed, about: str) -> None:
    """Go on if nobody else is needed, or if somebody agreed to just this; that is used up then.

    Root and the box's own account, who give no name at the console, are asked for one only where
    a second person is needed in any case: they could change the settings file as well, and the log
    has what they do.

    Raises:
        Denied: `agreement_needed`: ask first; `agreement_named`: nobody knows who asks.
    """
    known = await settings.get(KEY, Agreements)
    named = bool(tx.actor.number)
    if known.hands is Hands.AUTO and not (named and await others(tx)):
        return
    if not named:
        raise Denied("agreement_named")
    for one in known.kept:
        same = (one.deed, one.about, one.asked_by) == (deed, about, tx.actor.id)
        if same and one.stand(tx.now) is Stand.AGREED:
            await settings.put(KEY, known.without(one.number))
            return
    raise Denied("agreement_needed")
