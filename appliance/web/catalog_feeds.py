"""The page of feeds: who reads goods from the box, a new address, closing one."""

from typing import Any

from litestar import Response

from appliance.actions import catalogue, goods_feeds
from appliance.actions import desk as desk_actions
from appliance.domain import formats
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.web.answers import WebRequest, told
from appliance.web.buyer_links import base_of
from appliance.web.orders import word
from appliance.web.screens import counts_for, draw, look_of, reader_of, refreshed, shell_of


async def show(
    request: WebRequest, *, key: Personal[str] | None = None, error: str = ""
) -> Response[Any]:
    """Show open feeds; the key of a new one only this once."""
    reader = reader_of(request)
    found = await goods_feeds.list_all(reader.actor)
    named = await catalogue.names(reader.actor)
    codes = await desk_actions.names(reader.actor)
    kinds = {one.code: one.name for one in named.price_types}
    return draw(
        request,
        reader,
        "catalog/feeds.html",
        status=422 if error else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "catalog", await counts_for(reader), codes),
        feeds=[
            {
                "number": one.number,
                "shop": codes.shops.get(one.shop, one.shop),
                "price": kinds.get(one.price_type, one.price_type),
                "hides_out": one.hides_out,
                "read": ""
                if one.read_at is None
                else formats.moment(one.read_at, reader.now, reader.zone, reader.language),
            }
            for one in found
        ],
        shops=list(codes.shops.items()),
        kinds=list(kinds.items()),
        key=key,
        base=f"{base_of(request)}/feeds/",
        error=error,
    )


async def add(request: WebRequest) -> Response[Any]:
    """Open a feed and show its address."""
    form, reader = await request.form(), reader_of(request)
    try:
        made = await goods_feeds.open_feed(
            reader.actor,
            word(form, "shop"),
            word(form, "price_type"),
            hides_out=word(form, "hides_out") == "1",
        )
    except Invalid as error:
        return await show(request, error=told(request, error))
    return await show(request, key=made.key)


async def close(request: WebRequest, number: int) -> Response[Any]:
    """Close a feed."""
    await goods_feeds.close(reader_of(request).actor, number)
    return refreshed()
