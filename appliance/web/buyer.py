"""The buyer's page: no session, no cookie, nothing but the token in its address.

It answers on the staff door and on the outer one. Its style and script are small files of its own,
so that the outer door serves nothing of the office. The access log writes the route's pattern: the
token is in no log.
"""

import asyncio
from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from appliance.actions import buyers
from appliance.domain import formats
from appliance.domain.buyers import MOST_WORDS, BuyerPage
from appliance.domain.formats import Language
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import HouseError, Invalid, NotFound, Throttled
from appliance.http.authentication import OWN_DOOR
from appliance.http.errors import status_of
from appliance.http.origin import address_of, header, state_of
from appliance.web import parcel_words, texts
from appliance.web.answers import Site, WebRequest, site_of
from appliance.web.hub import Colleague, Hub, Listening
from appliance.web.shell import N_

LOOK: Final = Path(__file__).parent / "static" / "buyer"
BEAT_SECONDS: Final = 20.0
MOST_OF_ONE: Final = 6
"""Streams on one order: a buyer with his telephone, his laptop, and his family."""

BODY_LIMIT: Final = 64 * 1024
NOBODY: Final = Colleague(0, "", "", 0)
HEADERS: Final = {"x-robots-tag": "noindex, nofollow, noarchive"}
TASK: Final = N_("Ответить покупателю")
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def _read() -> dict[str, tuple[str, bytes]]:
    """Files of the page by the name under which they are served: with the hash of their content."""
    found: dict[str, tuple[str, bytes]] = {}
    for path in sorted(LOOK.iterdir()):
        content = path.read_bytes()
        name = f"{path.stem}.{sha256(content).hexdigest()[:10]}{path.suffix}"
        found[name] = (_TYPES[path.suffix], content)
    return found


FILES: Final = _read()
STYLE: Final = next(name for name in FILES if name.endswith(".css"))
SCRIPT: Final = next(name for name in FILES if name.endswith(".js"))


@get("/s/look/{name:str}", opt={OWN_DOOR: True})
async def look(request: WebRequest, name: FromPath[str]) -> Response[bytes]:
    """Give the page's style or script."""
    site_of(request).callers.count(address_of(request.scope))
    found = FILES.get(name)
    if found is None:
        return Response(b"", status_code=404, headers=HEADERS)
    lasting = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
    return Response(found[1], media_type=found[0], headers=lasting)


@get("/s/{token:str}", opt={OWN_DOOR: True})
async def show(request: WebRequest, token: FromPath[str]) -> Response[str]:
    """Show the order."""
    try:
        site_of(request).callers.count(address_of(request.scope))
        found = await buyers.page(token, state_of(request.scope)["origin"])
    except (NotFound, Throttled) as error:
        return _closed(request, error)
    sent = request.query_params.get("sent") == "1"
    return _page(request, found, said=_word(request, N_("Отправлено")) if sent else "")


@get("/s/{token:str}/stamp", opt={OWN_DOOR: True})
async def stamp(request: WebRequest, token: FromPath[str]) -> Response[str]:
    """Say whether the page is still true; for browsers that hear no stream."""
    try:
        site_of(request).callers.count(address_of(request.scope))
        _, found = await buyers.stamp(_visitor(request), buyers.hash_of(token))
    except (NotFound, Throttled) as error:
        return Response("", status_code=status_of(error), headers=HEADERS)
    return Response(found, media_type=MediaType.TEXT, headers=HEADERS)


@get("/s/{token:str}/live", opt={OWN_DOOR: True})
async def live(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Open a stream that says that the order changed, and nothing else. 204: stay away."""
    site = site_of(request)
    try:
        site.callers.count(address_of(request.scope))
        order_id, _ = await buyers.stamp(_visitor(request), buyers.hash_of(token))
    except (NotFound, Throttled):
        return Response(b"", status_code=204, headers=HEADERS)
    topic = f"order:{order_id}"
    if site.buyers.is_full or site.buyers.count_of(topic) >= MOST_OF_ONE:
        return Response(b"", status_code=204, headers=HEADERS)
    stream = site.buyers.join(NOBODY, [topic])

    async def works() -> bool:
        try:
            await buyers.stamp(_visitor(request), buyers.hash_of(token))
        except HouseError:
            return False
        return True

    return Stream(
        lines(site.buyers, stream, works),
        media_type="text/event-stream",
        headers={**HEADERS, "x-accel-buffering": "no"},
    )


@post("/s/{token:str}", opt={OWN_DOOR: True}, request_max_body_size=BODY_LIMIT)
async def write(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Take the buyer's message; a refused one comes back as it was typed."""
    if header(request.scope, b"sec-fetch-site") not in {"", "same-origin", "none"}:
        return Response("", status_code=403, headers=HEADERS)
    form = await request.form()
    typed = Personal(str(form.get("text", "")))
    origin = state_of(request.scope)["origin"]
    try:
        site_of(request).callers.count(address_of(request.scope))
        found = await buyers.page(token, origin)
        site_of(request).callers.count(address_of(request.scope), writes=True)
        title = f"{_word(request, TASK)}, {formats.order_number(found.number, sign=True)}"
        draft = buyers.Draft(form=_form_of(form.get("form")), text=typed, title=title)
        await buyers.write(_visitor(request), buyers.hash_of(token), draft)
    except NotFound as error:
        return _closed(request, error)
    except (Invalid, Throttled) as error:
        if (shown := await _again(request, token)) is None:
            return _closed(request, error)
        said = texts.error(error.code, _language(request), error.params)
        problem = f"{said.title}. {said.hint}" if said.hint else said.title
        return _page(request, shown, status=status_of(error), typed=typed, problem=problem)
    # The address ends where the browser already is: the token is written nowhere anew.
    place = {**HEADERS, "location": f"/s/{token}?sent=1"}
    return Response(b"", status_code=303, headers=place)


HANDLERS: Final = (look, show, stamp, live, write)


async def lines(hub: Hub, stream: Listening, works: Any) -> AsyncGenerator[bytes, None]:
    """Write a buyer's stream: that something changed, never what or by whom."""
    try:
        yield b"retry: 5000\n\n"
        while not hub.has_ended:
            try:
                await asyncio.wait_for(stream.bell.wait(), BEAT_SECONDS)
            except TimeoutError:
                if not await works():
                    return
                yield b": alive\n\n"
                continue
            stream.bell.clear()
            changed, stream.changed, stream.presence = bool(stream.changed), {}, set()
            if changed:
                yield b"event: changed\ndata: 1\n\n"
    finally:
        hub.leave(stream)


async def _again(request: WebRequest, token: str) -> BuyerPage | None:
    try:
        return await buyers.show(_visitor(request), buyers.hash_of(token))
    except NotFound:
        return None


def _visitor(request: WebRequest) -> Any:
    return buyers.visitor(state_of(request.scope)["origin"])


def _form_of(given: object) -> UUID:
    """The form's own number; one that carries none is a form of its own."""
    try:
        return UUID(str(given))
    except ValueError:
        return uuid7()


def _language(request: WebRequest) -> Language:
    """What the browser asks for first; Russian unless that is English."""
    return "en" if header(request.scope, b"accept-language")[:2].lower() == "en" else "ru"


def _word(request: WebRequest, text: str) -> str:
    return texts.catalogue(_language(request)).gettext(text)


def _closed(request: WebRequest, error: HouseError) -> Response[str]:
    """The same answer for a wrong, an expired and a revoked link."""
    return _drawn(
        request,
        "buyer/closed.html",
        status=status_of(error),
        busy=isinstance(error, Throttled),
    )


def _page(
    request: WebRequest,
    found: BuyerPage,
    *,
    status: int = 200,
    typed: Personal[str] | None = None,
    problem: str = "",
    said: str = "",
) -> Response[str]:
    return _drawn(
        request,
        "buyer/page.html",
        status=status,
        page=found,
        when=_when(found, _language(request)),
        way=_way(found, _language(request)),
        left=max(found.total - found.paid_total, 0),
        form=uuid7(),
        longest=MOST_WORDS,
        typed=typed,
        problem=problem,
        said=said,
    )


def _when(found: BuyerPage, language: Language) -> str:
    """Day and hours of the delivery, in words; empty where none is set."""
    if found.delivery_date is None:
        return ""
    day = formats.day_words(found.delivery_date, language)
    hours = "–".join(one for one in (found.delivery_from, found.delivery_to) if one)
    return f"{day}, {hours}" if hours else day


def _way(found: BuyerPage, language: Language) -> dict[str, Any] | None:
    """The parcel in words; None where no carrier was asked."""
    parcel = found.parcel
    if parcel is None:
        return None
    gives = texts.catalogue(language).gettext(parcel_words.GIVES[parcel.gives])
    return {
        "carrier": f"{parcel.carrier}, {gives}",
        "point": parcel.point,
        "track": parcel.track,
        "url": parcel.url,
        "state": parcel_words.state(parcel.state, language),
        "days": parcel_words.days(parcel.days_min, parcel.days_max, language),
        "steps": [
            {"word": parcel_words.state(one.state, language), "place": one.place, "at": one.at}
            for one in parcel.steps
        ],
    }


def _drawn(request: WebRequest, template: str, *, status: int, **context: Any) -> Response[str]:
    site: Site = site_of(request)
    text = site.pages.render(
        template,
        _language(request),
        company=site.door.company,
        style=f"/s/look/{STYLE}",
        script=f"/s/look/{SCRIPT}",
        **context,
    )
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=HEADERS)
