"""Feeds of goods for shops: at a secret address, on the staff door and on the outer one.

The key is a part of the path because shops' modules read plain addresses. It admits to goods,
prices and what is free, and to nothing of a person; the access log writes the route's pattern, so
the key is in no log.
"""

import zlib
from collections.abc import AsyncIterator
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from appliance.actions import goods_feeds
from appliance.domain.images import TYPES
from appliance.http.authentication import OWN_DOOR
from appliance.http.origin import header, state_of

XML: Final = "application/xml; charset=utf-8"


@get("/feeds/{key:str}/catalog.xml", opt={OWN_DOOR: True})
async def icml(request: Request[Any, Any, Any], key: FromPath[str]) -> Stream:
    """Give the feed in retailCRM's form."""
    return await _feed(request, key, "icml")


@get("/feeds/{key:str}/yml.xml", opt={OWN_DOOR: True})
async def yml(request: Request[Any, Any, Any], key: FromPath[str]) -> Stream:
    """Give the feed in the form of Yandex."""
    return await _feed(request, key, "yml")


@get("/feeds/{key:str}/pictures/{name:str}", opt={OWN_DOOR: True})
async def picture(
    request: Request[Any, Any, Any], key: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Give a picture that a feed names."""
    kind, content = await goods_feeds.picture_of(key, name, state_of(request.scope)["origin"])
    headers = {
        "cache-control": "private, max-age=31536000, immutable",
        "cross-origin-resource-policy": "cross-origin",
    }
    return Response(content, media_type=TYPES[kind], headers=headers)


HANDLERS: Final = (icml, yml, picture)


async def _feed(request: Request[Any, Any, Any], key: str, kind: str) -> Stream:
    # The outer door's own name where the box has one: what a request calls the box is its word.
    outside: str = getattr(request.app.state.get("site"), "outside", "")
    base = f"{outside or 'https://' + header(request.scope, b'host')}/feeds/{key}"
    found = await goods_feeds.read(key, kind, base, state_of(request.scope)["origin"])

    async def whole() -> AsyncIterator[bytes]:
        for packed in found:
            yield zlib.decompress(packed)

    return Stream(whole, media_type=XML)
