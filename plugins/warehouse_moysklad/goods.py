"""Which of its goods is which of ours: by the field an administrator chose, kept in a table."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from appliance.plugin_api.calls import Row
from appliance.plugin_api.core import Core
from plugins.warehouse_moysklad.sides import Side, ident_of, inside, rows_of

AT_ONCE: Final = 40
"""Conditions of one filter: an address has its length."""


class Good(NamedTuple):
    """One of its goods: id and type (product, variant, bundle…), and our article."""

    ident: str
    kind: str
    sku: str


async def by_sku(core: Core, side: Side, skus: Iterable[str]) -> Mapping[str, Good]:
    """Its goods by our articles; one that is not there is not in the answer."""
    wanted = sorted({one for one in skus if one})
    rows = await core.rows_get("goods", [(side.code, one) for one in wanted])
    found = {str(row.values["sku"]): _good(row) for row in rows}
    missing = [one for one in wanted if one not in found]
    for start in range(0, len(missing), AT_ONCE):
        part = missing[start : start + AT_ONCE]
        for good in await _asked(core, side, side.join, part):
            if good.sku in part:
                found[good.sku] = good
    return found


async def by_id(core: Core, side: Side, idents: Iterable[str]) -> Mapping[str, Good]:
    """Its goods by their ids."""
    wanted = sorted(set(idents))
    found: dict[str, Good] = {}
    for start in range(0, len(wanted), 1000):
        part = wanted[start : start + 1000]
        rows = await core.rows_get("idents", [(side.code, one) for one in part])
        found |= {
            str(row.values["ident"]): Good(
                str(row.values["ident"]), str(row.values["kind"]), str(row.values["sku"])
            )
            for row in rows
        }
    missing = [one for one in wanted if one not in found]
    for start in range(0, len(missing), AT_ONCE):
        for good in await _asked(core, side, "id", missing[start : start + AT_ONCE]):
            found[good.ident] = good
    return found


async def _asked(core: Core, side: Side, field: str, values: list[str]) -> list[Good]:
    """Ask for goods whose field is one of these, and remember them."""
    query: dict[str, str | int] = {
        "filter": ";".join(f"{field}={escaped(one)}" for one in values),
        "limit": 100,
    }
    reply = await side.ask(core, "GET", "entity/assortment", query=query)
    goods = [good for row in rows_of(reply) if (good := _read(side, row)).ident]
    named = [one for one in goods if one.sku]
    if named:
        await core.rows_put("goods", [Row(values=_values(side, one)) for one in named])
    if goods:
        await core.rows_put("idents", [Row(values=_values(side, one)) for one in goods])
    return goods


def escaped(text: str) -> str:
    r"""A value inside a filter.

    >>> escaped("A;1")
    'A\\;1'
    """
    return text.replace("\\", "\\\\").replace(";", "\\;")


def _read(side: Side, row: Mapping[str, Any]) -> Good:
    kind = str(inside(row, "meta").get("type") or "product")
    return Good(ident_of(row), kind, str(row.get(side.join) or ""))


def _good(row: Row) -> Good:
    return Good(str(row.values["ident"]), str(row.values["kind"]), str(row.values["sku"]))


def _values(side: Side, good: Good) -> dict[str, str | int | bool | None]:
    return {"account": side.code, "ident": good.ident, "kind": good.kind, "sku": good.sku}
