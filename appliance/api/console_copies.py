"""The admin door's part about copies: have one made or proven, see how far it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import backups
from appliance.api.console import Answer, Input, Nothing
from appliance.domain.access import Actor
from appliance.domain.backups import CopyKind
from appliance.errors import Unavailable
from appliance.http.errors import AnyRequest


@dataclass(frozen=True, slots=True)
class Copying:
    """What boot lends of the making of copies; `app.state.copying`.

    Attributes:
        check: refuses what cannot be started now.
        start: `copy` or `drill`, the row of the journal, which copy; goes on by itself.
        progress: where it is, and how the last one ended.
        cancel: ends what runs.
    """

    check: Callable[[], None]
    start: Callable[[str, UUID, str], None]
    progress: Callable[[], Answer]
    cancel: Callable[[], Awaitable[None]]


class CopyStart(Input):
    """A copy or a drill; `stamp` names the copy to be proven, else the newest."""

    kind: CopyKind = CopyKind.COPY
    stamp: str = ""


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
    copying.check()
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


HANDLERS: Final = (
    Router(path="/", route_handlers=[start_copy, copy_progress, copy_journal, cancel_copy]),
)
