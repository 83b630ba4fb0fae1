"""The admin door's part about copies: have one made or proven, see how far it is."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import backups
from appliance.api.console import Answer, Input, Nothing
from appliance.api.seconds import with_second
from appliance.domain.access import Actor
from appliance.domain.agreements import Deed
from appliance.domain.backups import CopyKind, CopyPlan, Guarded, Trial
from appliance.errors import Conflict, Invalid, NotFound, Unavailable
from appliance.http.errors import AnyRequest


@dataclass(frozen=True, slots=True)
class Copying:
    """What boot lends of the making of copies; `app.state.copying`.

    Attributes:
        check: refuses what cannot be started now.
        alone: as `check`, and nobody else begins until its end.
        start: `copy` or `drill`, the row of the journal, which copy; goes on by itself.
        progress: where it is, and how the last one ended.
        cancel: ends what runs.
        plan, change_plan: where copies go, how often, how many stay.
        guarded: how the continuous protection stands.
        listed: what lies on the places.
        try_place: whether a place is there and takes a file.
        trial, confirm, go_back: of a restored box that waits to be confirmed.
    """

    check: Callable[[], None]
    alone: Callable[[], AbstractContextManager[None]]
    start: Callable[[str, UUID, str], None]
    progress: Callable[[], Answer]
    cancel: Callable[[], Awaitable[None]]
    plan: Callable[[], CopyPlan]
    change_plan: Callable[[CopyPlan], None]
    guarded: Callable[[], Guarded]
    listed: Callable[[], Awaitable[Answer]]
    try_place: "TryPlace"
    trial: Callable[[], Trial | None]
    confirm: Callable[[], None]
    go_back: Callable[[], None]


class TryPlace(Protocol):
    """Whether a place is there and takes a file."""

    async def __call__(self, target: str, *, takes_keys: bool, secret: str = "") -> Answer: ...


class CopyStart(Input):
    """A copy or a drill; `stamp` names the copy to be proven, else the newest."""

    kind: CopyKind = CopyKind.COPY
    stamp: str = ""


class Place(Input):
    """A place as the settings would spell it; `secret`: of a key to an object store."""

    target: str
    takes_keys: bool = True
    secret: str = ""


class Plan(Input):
    """Only what is named changes; `seen`: what of it was shown to who changes it."""

    seen: dict[str, Any] | None = None
    targets: tuple[str, ...] | None = None
    data_targets: tuple[str, ...] | None = None
    every_minutes: int | None = None
    hourly: int | None = None
    nightly: int | None = None
    weekly: int | None = None
    guard: str | None = None


class Moment(Input):
    """A moment, aware."""

    at: datetime


def _copying(request: AnyRequest) -> Copying:
    found: Copying | None = request.app.state.copying
    if found is None:
        raise Unavailable("not_started")
    return found


def _actor(request: AnyRequest) -> Actor:
    return request.scope["user"]


@post("/backups/start", status_code=200)
async def start_copy(request: Request[Any, Any, Any], data: JSONBody[CopyStart]) -> Answer:
    """Have a copy made or proven; it goes on when the asker is gone."""
    copying = _copying(request)
    with copying.alone():
        if data.kind is CopyKind.RESTORE and copying.trial() is not None:
            raise Conflict("restore_unconfirmed")
        run_id = await backups.begin(_actor(request), data.kind)
        copying.start(data.kind.value, run_id, data.stamp)
    return {"run": str(run_id)}


@post("/backups/progress", status_code=200)
async def copy_progress(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """`running`, `step`, `done`, `total`; of the last one that ended `result` or `code`."""
    await backups.journal(_actor(request), 1)
    return _copying(request).progress()


@post("/backups/journal", status_code=200)
async def copy_journal(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """The last makings and proofs."""
    return {"runs": msgspec.to_builtins(await backups.journal(_actor(request)))}


@post("/backups/cancel", status_code=200)
async def cancel_copy(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """End what runs; nothing half-made stays."""
    await backups.cancel(_actor(request))
    await _copying(request).cancel()
    return {}


@post("/backups/plan", status_code=200)
async def copy_plan(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Where copies go, how often, how many stay; the restore that waits to be confirmed."""
    await backups.look(_actor(request))
    copying = _copying(request)
    return {
        "plan": msgspec.to_builtins(copying.plan()),
        "trial": msgspec.to_builtins(copying.trial()),
        "guarded": msgspec.to_builtins(copying.guarded()),
    }


@post("/backups/change-plan", status_code=200)
async def change_copy_plan(request: Request[Any, Any, Any], data: JSONBody[Plan]) -> Answer:
    """Change it; each new place is tried first, and meanwhile somebody else may change it, too."""
    copying, actor = _copying(request), _actor(request)
    await backups.look(actor)
    old = copying.plan()
    named = {
        name: value
        for name, value in msgspec.structs.asdict(data).items()
        if value is not None and name != "seen"
    }
    shown = msgspec.json.decode(msgspec.json.encode(old), type=dict[str, Any])
    if any(shown.get(name) != value for name, value in (data.seen or {}).items()):
        raise Conflict("seen_changed")
    fresh = msgspec.structs.replace(old, **named)
    if min(fresh.every_minutes, fresh.nightly, fresh.weekly) < 0 or fresh.hourly < 1:
        raise Invalid("backup_plan_unfit")
    known = {*old.targets, *old.data_targets}
    for takes_keys, places in ((True, fresh.targets), (False, fresh.data_targets)):
        for place in places:
            if place not in known:
                await copying.try_place(place, takes_keys=takes_keys)
    if fresh.guard and fresh.guard != old.guard:
        await copying.try_place(fresh.guard, takes_keys=True)
    if copying.plan() != old:
        raise Conflict("seen_changed")
    moves = fresh.places != old.places
    work = backups.change_plan(actor, fresh, moves=moves)
    await with_second(actor, Deed.COPIES, fresh.places, work)
    copying.change_plan(fresh)
    return {"plan": msgspec.to_builtins(fresh)}


@post("/backups/try-place", status_code=200)
async def try_place(request: Request[Any, Any, Any], data: JSONBody[Place]) -> Answer:
    """Whether a place is there and takes a file; with an SSH account the box's key for it."""
    await backups.look(_actor(request))
    return await _copying(request).try_place(
        data.target, takes_keys=data.takes_keys, secret=data.secret
    )


@post("/backups/copies", status_code=200)
async def copies_there(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """What lies on the places, the newest first."""
    await backups.look(_actor(request))
    return await _copying(request).listed()


@post("/backups/since", status_code=200)
async def entered_since(request: Request[Any, Any, Any], data: JSONBody[Moment]) -> Answer:
    """What a restore to a moment would take away."""
    return msgspec.to_builtins(await backups.since(_actor(request), data.at))


@post("/backups/confirm", status_code=200)
async def confirm_restore(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Keep what was restored; people may write again."""
    copying = _copying(request)
    if (trial := copying.trial()) is None:
        raise NotFound("restore_none")
    await backups.confirm(_actor(request), trial.stamp)
    copying.confirm()
    return {}


@post("/backups/go-back", status_code=200)
async def go_back(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Put the data of before the restore in again; the box starts anew for that."""
    copying = _copying(request)
    if (trial := copying.trial()) is None:
        raise NotFound("restore_none")
    await backups.go_back(_actor(request), trial.stamp)
    copying.go_back()
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            *(start_copy, copy_progress, copy_journal, cancel_copy),
            *(copy_plan, change_copy_plan, try_place, copies_there),
            *(entered_since, confirm_restore, go_back),
        ],
    ),
)
