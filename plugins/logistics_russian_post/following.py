"""Where parcels are: the Post tells nobody, it is asked, so often a day and no more.

Each parcel is asked about every five hours at most, those that waited longest first, while the
day's requests last; nobody is asked about for more than sixty days.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

from appliance.plugin_api import calls
from appliance.plugin_api.calls import Row
from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry, for_each
from appliance.plugin_api.parcels import MOST_STEPS, Gives, Parcel, State, Step
from plugins.logistics_russian_post import booking, soap, statuses
from plugins.logistics_russian_post.client import TRACKING, Post

EVERY: Final = timedelta(hours=5)
LONGEST: Final = timedelta(days=60)
FREE: Final = 100
"""Requests a day that the Post gives free, as its users say."""
SPARE: Final = 2
"""Of them kept for a person's «Проверить»."""
MOSCOW: Final = timezone(timedelta(hours=3))
"""The Post's day."""
_unknown: set[tuple[int, int]] = set()
"""Operations that the journal has told of: each once a start."""


class Due(NamedTuple):
    """What there is to do for one account.

    Attributes:
        waiting: parcels to ask about with the moment of their first look, those that waited
            longest first.
        drafts: orders that have no number yet.
        old: parcels that were asked about for sixty days now.
    """

    waiting: list[tuple[Parcel, datetime]]
    drafts: list[Parcel]
    old: list[tuple[Parcel, datetime]]


async def follow(post: Post, core: Core) -> None:
    """Look after what is under way by one account.

    Raises:
        Pause: a service does not answer, or its key is refused.
        Permanent, Retry: an answer was none, when all others were looked after.
    """
    due = await _due(post, core)
    await for_each((_numbers, _give_up, _track), lambda one: one(post, core, due))


async def _track(post: Post, core: Core, due: Due) -> None:
    if not due.waiting or not post.text("tracking_login"):
        return
    stopped: Exception | None = None
    left = await _left(post, core)
    for parcel, first in due.waiting[: max(left, 0)]:
        try:
            became = await look(post, core, parcel)
        except (Permanent, Retry) as error:
            became, stopped = "", error  # this one is garbled; the others are not
        if became == "spent":
            break
        if became not in statuses.ENDS:
            await _seen(post, core, parcel, first)
    if stopped is not None:
        raise stopped


async def _numbers(post: Post, core: Core, due: Due) -> None:
    """Numbers that were late."""

    async def number(parcel: Parcel) -> None:
        known = await booking.found(post, core, parcel)
        if known is not None and known.barcode:
            await booking.report(core, parcel, known)

    await for_each(due.drafts, number)


async def _give_up(post: Post, core: Core, due: Due) -> None:
    """Say of whom nothing was heard for too long."""
    for parcel, first in due.old:
        await core.journal(
            "given_up", direction="here", state="warn", kind="order", number=parcel.order_number
        )
        await _seen(post, core, parcel, first)


async def _due(post: Post, core: Core) -> Due:
    now = calls.utc_now()
    never = datetime.min.replace(tzinfo=now.tzinfo)
    waiting: list[tuple[datetime, Parcel, datetime]] = []
    due = Due([], [], [])
    after = 0
    while page := await core.parcels.open(post.account.code, after):
        after = page[-1].number
        due.drafts.extend(one for one in page if one.state == "draft" and one.carrier_id)
        numbered = [one for one in page if one.track]
        keys = [(post.account.code, one.own_number) for one in numbered]
        rows = await core.rows_get("looks", keys) if keys else ()
        known = {str(row.values["parcel"]): row.values for row in rows}
        for one in numbered:
            row = known.get(one.own_number)
            first, last = (now, never) if row is None else (
                _moment(row["first"]), _moment(row["last"]))  # fmt: skip
            if now - first >= LONGEST:
                due.old.extend([(one, first)] if last - first < LONGEST else [])
            elif last + EVERY <= now:
                waiting.append((last, one, first))
    waiting.sort(key=lambda one: (one[0], one[1].number))
    due.waiting.extend((one, first) for _, one, first in waiting)
    return due


def _moment(value: calls.Value) -> datetime:
    return datetime.fromisoformat(str(value))


async def _seen(post: Post, core: Core, parcel: Parcel, first: datetime) -> None:
    now = calls.utc_now()
    await core.rows_put(
        "looks",
        [
            Row(
                values={
                    "account": post.account.code,
                    "parcel": parcel.own_number,
                    "first": first.isoformat(),
                    "last": now.isoformat(),
                }
            )
        ],
    )


def _day() -> str:
    return calls.utc_now().astimezone(MOSCOW).date().isoformat()


async def _asked(post: Post, core: Core) -> int:
    rows = await core.rows_get("days", [(post.account.code, _day())])
    return int(rows[0].values["asked"] or 0) if rows else 0


async def _left(post: Post, core: Core) -> int:
    """Requests of today that are left for the job."""
    return post.number("tracking_limit", FREE) - SPARE - await _asked(post, core)


async def spent(post: Post, core: Core, asked: int = 1) -> None:
    """Count before asking: a request whose answer is lost is counted by the Post, too."""
    values: dict[str, calls.Value] = {
        "account": post.account.code,
        "day": _day(),
        "asked": await _asked(post, core) + asked,
    }
    await core.rows_put("days", [Row(values=values)])


async def history(post: Post, core: Core, barcode: str) -> soap.History:
    """Ask about one number.

    Raises:
        Pause, Retry: as `Post.track`; `answer_garbled`; Pause: a 500 that is no fault of SOAP: the
            service is down, and the requests of the day are not spent on finding that out.
    """
    await spent(post, core)
    question = soap.question(barcode, post.text("tracking_login"), post.text("tracking_password"))
    reply = await post.track(core, question)
    try:
        return soap.history(reply.body)
    except Retry:
        if reply.is_good:
            raise
    key, status = post.account.code + TRACKING, reply.status
    await core.journal("vendor.down", direction="out", state="warn", account=key, status=status)
    raise core.down(key)


async def look(post: Post, core: Core, parcel: Parcel) -> str:
    """Ask where one parcel is and tell its steps.

    What has arrived is not looked at again, so nothing is kept of it.

    Returns:
        where it stands now; empty: as it stood; `spent`: no more may be asked today.

    Raises:
        Pause: the key is refused, or nobody answers.
        Retry: the answer is none.
    """
    said = await history(post, core, parcel.track)
    key = post.account.code + TRACKING
    match said.fault:
        case "key":
            await core.journal("tracking_refused", direction="out", state="bad")
            raise core.down(key, code="tracking_refused")
        case "limit":
            await core.journal("tracking_spent", direction="out", state="warn")
            await spent(post, core, post.number("tracking_limit", FREE))
            return "spent"
        case "other":
            raise core.down(key)
        case _:
            pass
    steps = steps_of(said.operations, parcel.gives)
    state = ""
    if steps:
        state = (await core.parcels.steps(parcel.id, steps[-MOST_STEPS:])).state
    if state in statuses.ENDS:
        await core.rows_delete("looks", [(post.account.code, parcel.own_number)])
    await _strange(core, parcel, said.operations)
    return state


def steps_of(operations: Sequence[soap.Operation], gives: Gives) -> list[Step]:
    """Operations as steps; behind a return all leads back to the shop."""
    steps: list[Step] = []
    goes_back = False
    for one in sorted(operations, key=lambda each: each.at):
        state: State | None = statuses.state_of(one.kind, one.attribute, gives)
        if state is not None and goes_back and state not in statuses.ENDS:
            state = "returning"
        goes_back = goes_back or one.kind == statuses.RETURN
        place = ", ".join(part for part in (one.postcode, one.place) if part)
        steps.append(Step(code=f"{one.kind}.{one.attribute}", at=one.at, state=state, place=place))
    return steps


async def _strange(core: Core, parcel: Parcel, operations: Sequence[soap.Operation]) -> None:
    for one in operations:
        key = (one.kind, one.attribute)
        if statuses.state_of(*key) is None and key not in _unknown:
            _unknown.add(key)
            await core.journal(
                "status_unknown",
                direction="in",
                state="warn",
                kind="order",
                number=parcel.order_number,
                status=f"{one.kind}.{one.attribute}",
            )


async def follow_all(core: Core, posts: Sequence[Post]) -> None:
    """Every account; one that is down holds up no other.

    Raises:
        Pause, Permanent, Retry: as `follow`, when all had their turn.
    """
    await for_each(posts, lambda post: follow(post, core))
