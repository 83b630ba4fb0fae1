"""Server-sent events: pages hear that a record changed, and who else has it open.

A stream carries topics and colleagues' initials, never a record: the page then asks for itself
through the gate like any other. One browser tab is one stream; HTTP/2 lets a browser have many.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.response import Stream

from appliance.actions import desk, sessions
from appliance.http.authentication import PASSIVE
from appliance.http.origin import header, state_of
from appliance.web.answers import WebRequest, site_of
from appliance.web.hub import Colleague, Hub, Listening
from appliance.web.rendering import initials
from appliance.web.screens import reader_of, tone_of

BEAT_SECONDS: Final = 20.0
"""How often an idle stream says that it lives, and asks whether its session does."""

MOST_TOPICS: Final = 12

_encode = msgspec.json.encode


async def lines(
    hub: Hub, stream: Listening, is_alive: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[bytes, None]:
    """Write a stream's events until it is closed from either side."""
    try:
        yield b"retry: 3000\n" + _id(hub)
        while not hub.has_ended:
            try:
                await asyncio.wait_for(stream.bell.wait(), BEAT_SECONDS)
            except TimeoutError:
                if not await is_alive():
                    return
                yield b": alive\n" + _id(hub)
                continue
            stream.bell.clear()
            for block in _blocks(hub, stream):
                yield block
    finally:
        hub.leave(stream)


def _id(hub: Hub) -> bytes:
    """Ends a block; the browser names the last one when it comes back after a break."""
    return b"id: " + hub.mark().encode() + b"\n\n"


def _blocks(hub: Hub, stream: Listening) -> list[bytes]:
    changed, presence = stream.changed, stream.presence
    stream.changed, stream.presence = {}, set()
    blocks = [
        b"event: changed\ndata: " + _encode({"topic": topic, "by": by}) + b"\n" + _id(hub)
        for topic, by in changed.items()
    ]
    for topic in presence:
        people = hub.people(topic, stream.who.number)
        data = _encode({"topic": topic, "people": people})
        blocks.append(b"event: presence\ndata: " + data + b"\n\n")
    return blocks


@get("/live", opt={PASSIVE: True})
async def listen(request: WebRequest) -> Response[Any]:
    """Open a stream on the topics of a page: `?on=order,order:<id>`. 204 tells it to stay away.

    `since`, or the browser's own `Last-Event-ID`, is the mark of what the page shows already.
    """
    hub, reader = site_of(request).hub, reader_of(request)
    if hub.is_full:
        return Response(b"", status_code=204)
    wanted = [one for one in request.query_params.get("on", "").split(",") if one]
    own = f"user:{reader.actor.id}"
    codes = await desk.names(reader.actor)
    name = codes.name_of(reader.actor.number) or reader.actor.name
    who = Colleague(reader.actor.number, name, initials(name), tone_of(reader.actor.number))
    since = header(request.scope, b"last-event-id") or request.query_params.get("since", "")
    topics = [own, *(one for one in wanted[:MOST_TOPICS] if not one.startswith("user:"))]
    stream = hub.join(who, topics, since)
    token = state_of(request.scope)["token"]

    async def is_alive() -> bool:
        return await sessions.is_alive(token, reader.actor.origin)

    return Stream(
        lines(hub, stream, is_alive),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )
