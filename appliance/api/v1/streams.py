"""Bulk export: records as lines of JSON, page after page, in constant memory.

The last line says that it was all: `{"end": true, "records": 1200}`. A stream without it was cut;
`?cursor=` takes the number of the last record that came, and goes on from there. What goes wrong
on the way stands in a last line `{"problem": {…}}`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Scope, Send

from appliance.actions import outflow
from appliance.api.v1 import problems, shapes
from appliance.api.v1.problems import FieldProblem, Refused
from appliance.domain.access import Actor
from appliance.domain.customers import CustomerView
from appliance.domain.deals import DealRow
from appliance.domain.orders import OrderView
from appliance.domain.products import ProductView, VariantView
from appliance.domain.tasks import TaskView
from appliance.errors import HouseError
from appliance.http.origin import header

MEDIA_TYPE: Final = "application/x-ndjson"
FIRST: Final = shapes.MOST
_encode = msgspec.json.Encoder().encode


class Flow(NamedTuple):
    """One kind of records.

    Attributes:
        read: a page behind a number.
        covers: name of the action.
        first: where the first page begins.
        kind: what stands on a line.
        lines: what of a record stands on lines of its own; None: it itself.
    """

    read: Callable[[Actor, int], Awaitable[Sequence[Any]]]
    covers: str
    first: int
    kind: type[Any]
    lines: Callable[[Any], Iterable[Any]] | None = None


def _variants(product: ProductView) -> Sequence[VariantView]:
    return product.variants


FLOWS: Final[Mapping[str, Flow]] = {
    "/orders.ndjson": Flow(outflow.orders, "outflow.orders", FIRST, OrderView),
    "/clients.ndjson": Flow(outflow.clients, "outflow.clients", FIRST, CustomerView),
    "/deals.ndjson": Flow(outflow.deals, "outflow.deals", FIRST, DealRow),
    "/tasks.ndjson": Flow(outflow.tasks, "outflow.tasks", FIRST, TaskView),
    "/products.ndjson": Flow(outflow.products, "outflow.products", 0, ProductView),
    "/stock.ndjson": Flow(outflow.products, "outflow.products", 0, VariantView, _variants),
}


class Stream:
    """Answers one of the flows."""

    def __init__(self, flow: Flow, sentence: problems.Sentences) -> None:
        self._flow = flow
        self._sentence = sentence

    async def __call__(self, actor: Actor, scope: Scope, send: Send) -> None:
        """Send every page.

        Raises:
            HouseError: of the first page; nothing was sent then.
        """
        place = self._begin(scope)
        rows = await self._flow.read(actor, place)
        headers = [(b"content-type", MEDIA_TYPE.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        records = 0
        last: dict[str, Any] = {"end": True}
        while rows:
            data, count = self._lines(rows)
            records += count
            await send({"type": "http.response.body", "body": data, "more_body": True})
            try:
                rows = await self._flow.read(actor, rows[-1].number)
            except HouseError as error:
                language = problems.language_of(header(scope, b"accept-language"))
                last = {"problem": problems.body_of(error, self._sentence, language, "")[1]}
                break
        end = _encode(last | {"records": records}) + b"\n"
        await send({"type": "http.response.body", "body": end, "more_body": False})

    def _lines(self, rows: Sequence[Any]) -> tuple[bytes, int]:
        inside = self._flow.lines
        parts = rows if inside is None else [part for row in rows for part in inside(row)]
        return b"".join(_encode(shapes.shown(part)) + b"\n" for part in parts), len(parts)

    def _begin(self, scope: Scope) -> int:
        given = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        cursor = given.pop("cursor", "")
        if given:
            raise Refused(
                "fields_wrong", 422, tuple(FieldProblem(n, "field_not_known", {}) for n in given)
            )
        if not cursor:
            return self._flow.first
        if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 15:
            problem = FieldProblem("cursor", "field_type", {"expected": "int"})
            raise Refused("fields_wrong", 422, (problem,))
        return int(cursor)


def make_streams(sentence: problems.Sentences) -> dict[str, Stream]:
    """Path → whoever answers there."""
    return {path: Stream(flow, sentence) for path, flow in FLOWS.items()}
