"""The admin door's part about the log: reading, verifying, exporting it, and its anchors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import anchors
from appliance.api.console import Answer, Input, Nothing, actor_of, first_field
from appliance.domain.access import Actor
from appliance.domain.anchors import RulesForm
from appliance.domain.journal import LogQuery
from appliance.domain.personal import Personal
from appliance.errors import Invalid, Unavailable
from appliance.http.errors import AnyRequest


@dataclass(frozen=True, slots=True)
class Auditing:
    """What boot lends; `app.state.auditing`.

    Attributes:
        page: entries by conditions, and how the log stands.
        start: `verify` or `export`, and where the export goes; goes on by itself.
        progress, cancel: of that.
        keep: a checkpoint outside now, by every chosen way.
        paper: the newest checkpoint as a page to print, a PDF on the box's disk: its path.
        places: folders outside that files go to.
    """

    page: Callable[[Actor, LogQuery], Awaitable[Answer]]
    start: Callable[[Actor, str, str], Awaitable[Answer]]
    progress: Callable[[], Answer]
    cancel: Callable[[], Awaitable[None]]
    keep: Callable[[Actor], Awaitable[Answer]]
    paper: Callable[[Actor, str], Awaitable[Answer]]
    places: Callable[[], list[str]]


class Begin(Input):
    """`path`: an absolute path on the box's machine; empty: the box's own folder."""

    kind: Literal["verify", "export"] = "verify"
    path: str = ""


class ToPath(Input):
    """The same for a page to print."""

    path: str = ""


class Rules(Input):
    """Where anchors are kept; `to` are addresses."""

    file: bool = True
    mail: bool = False
    paper: bool = False
    to: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Rules(•••)"


def _lent(request: AnyRequest) -> Auditing:
    found: Auditing | None = request.app.state.auditing
    if found is None:
        raise Unavailable("not_started")
    return found


def _absolute(path: str) -> str:
    if path and not path.startswith("/"):
        raise Invalid("path_relative")
    return path


@post("/audit/page", status_code=200)
async def read_log(request: Request[Any, Any, Any], data: JSONBody[LogQuery]) -> Answer:
    """Entries, the newest first: `{"lines", "after", "size", "anchored", "health"}`."""
    return await _lent(request).page(actor_of(request), data)


@post("/audit/start", status_code=200)
async def begin(request: Request[Any, Any, Any], data: JSONBody[Begin]) -> Answer:
    """Have the log verified or exported."""
    return await _lent(request).start(actor_of(request), data.kind, _absolute(data.path))


@post("/audit/progress", status_code=200)
async def log_progress(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """`running`, `kind`, `done`, `total`; of the last one that ended `last`."""
    await anchors.last_check(actor_of(request))
    return _lent(request).progress()


@post("/audit/cancel", status_code=200)
async def end(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """End what runs."""
    await anchors.check(actor_of(request))
    await _lent(request).cancel()
    return {}


@post("/audit/anchors", status_code=200)
async def list_anchors(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """What was kept outside, the choice, and the folders it goes to."""
    kept = await anchors.journal(actor_of(request))
    rules = await anchors.rules(actor_of(request))
    return {
        "anchors": msgspec.to_builtins(kept),
        "rules": {
            "file": rules.file,
            "mail": rules.mail,
            "paper": rules.paper,
            "to": list(rules.to.reveal()),
        },
        "places": _lent(request).places(),
    }


@post("/audit/anchor", status_code=200)
async def keep_now(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Keep a checkpoint outside now."""
    return await _lent(request).keep(actor_of(request))


@post("/audit/set-anchors", status_code=200)
async def choose(request: Request[Any, Any, Any], data: JSONBody[Rules]) -> Answer:
    """Choose the ways."""
    form = RulesForm(file=data.file, mail=data.mail, paper=data.paper, to=Personal(data.to))
    await anchors.set_rules(actor_of(request), form)
    return {}


@post("/audit/paper", status_code=200)
async def draw_paper(request: Request[Any, Any, Any], data: JSONBody[ToPath]) -> Answer:
    """Draw the newest checkpoint as a page with a square code."""
    return await _lent(request).paper(actor_of(request), _absolute(data.path))


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            read_log,
            begin,
            log_progress,
            end,
            list_anchors,
            keep_now,
            choose,
            draw_paper,
        ],
        exception_handlers={Invalid: first_field},
    ),
)
