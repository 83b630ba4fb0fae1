"""Reading the log: who may, and names and numbers for what it keeps as ids."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from appliance.actions._gate import action
from appliance.audit.entry import Leaf
from appliance.audit.reading import Query
from appliance.domain.access import ActorKind
from appliance.domain.anchors import LogHealth
from appliance.domain.journal import LogLine, LogQuery
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import anchors, named, staff, users
from appliance.storage.tx import Tx

MOST: Final = 500
MOST_DEEDS: Final = 60
NOWHERE: Final = UUID(int=0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Sought(NamedTuple):
    """What to read, and up to where the log is kept outside."""

    query: Query
    health: LogHealth
    anchored: int


@action(Permission.AUDIT_VIEW, reads=True, quiet=True)
async def seek(tx: Tx, asked: LogQuery) -> Sought:
    """Put a question into ids.

    Raises:
        NotFound: `user_not_found`, `record_not_found`.
        Invalid: `entry_wrong` by field.
    """
    query = Query(
        before=asked.before,
        actor=await _actor(asked.who.strip()),
        deeds=_deeds(asked.deed.strip()),
        since=0 if asked.since is None else int(asked.since.timestamp() * 1000),
        until=0 if asked.until is None else int(asked.until.timestamp() * 1000),
        result=asked.result.strip(),
        limit=max(1, min(asked.limit, MOST)),
    )
    kind, _, number = asked.thing.strip().partition(" ")
    if kind:
        query = query._replace(object_type=kind)
    if number:
        if not number.strip().isdecimal():
            raise Invalid(fields={"thing": "entry_wrong"})
        found = await named.id_of(kind, int(number))
        if found is None:
            raise NotFound("record_not_found")
        query = query._replace(object_id=str(found))
    return Sought(query, await anchors.health(), await anchors.newest_size())


async def _actor(who: str) -> str:
    if not who or who in set(ActorKind):
        return who
    found = await users.find_credentials(who.casefold())
    if found is None:
        raise NotFound("user_not_found")
    return str(found.id)


def _deeds(typed: str) -> tuple[str, ...]:
    """Full names as they are, nouns as beginnings; several are parted by commas."""
    named = (one.strip().rstrip(".") for one in typed.split(",")[:MOST_DEEDS])
    return tuple(one if "." in one else f"{one}." for one in named if one)


@action(Permission.AUDIT_VIEW, reads=True, quiet=True)
async def name(tx: Tx, leaves: Sequence[Leaf], anchored: int) -> list[LogLine]:
    """Give entries the names of colleagues and the numbers of records."""
    people = {one.id: one for one in (await staff.directory(tx)).values()}
    wanted: dict[str, set[UUID]] = {}
    for leaf in leaves:
        if leaf.object_id:
            wanted.setdefault(leaf.object_type, set()).add(UUID(leaf.object_id))
        if leaf.actor_kind == ActorKind.API_KEY:
            wanted.setdefault("api_key", set()).add(UUID(leaf.actor_id))
    numbers = {kind: await named.numbers(kind, ids) for kind, ids in wanted.items()}
    lines: list[LogLine] = []
    for leaf in leaves:
        actor_id = UUID(leaf.actor_id)
        known = people.get(actor_id)
        number = numbers.get("api_key", {}).get(actor_id, 0) if known is None else known.number
        thing_id = UUID(leaf.object_id) if leaf.object_id else NOWHERE
        lines.append(
            LogLine(
                seq=leaf.seq,
                at=EPOCH + timedelta(milliseconds=leaf.at),
                kind=leaf.actor_kind,
                number=number,
                who="" if known is None else known.name,
                deed=leaf.action,
                result=leaf.result,
                thing=leaf.object_type,
                thing_number=numbers.get(leaf.object_type, {}).get(thing_id, 0),
                thing_id=leaf.object_id,
                people=len(leaf.subjects),
                fields=tuple(sorted({one for part in leaf.subjects for one in part.fields})),
                session=leaf.session,
                origin=leaf.ip_class,
                purpose=leaf.purpose,
                anchored=leaf.seq <= anchored,
            )
        )
    return lines


@action(Permission.AUDIT_VIEW)
async def begin_export(tx: Tx) -> None:
    """Write down that somebody takes the log out for an outsider."""
    tx.object_type = "audit_log"
