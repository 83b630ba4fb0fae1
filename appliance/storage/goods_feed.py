"""The feed of goods that a shop reads: ICML (retailCRM's) and YML, made in runs of numbers.

A run of 500 products is written anew only when the sum of its changes differs from the last time;
the others are kept packed. So reading the feed after one sale costs one run, and a feed of a
hundred thousand goods never stands in memory unpacked.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from appliance.domain.catalogue import VatRate, rates_on
from appliance.domain.ids import uuid7
from appliance.domain.products import ProductView, VariantView
from appliance.domain.references import ReferenceKind
from appliance.storage import categories, counters, products
from appliance.storage.products import GoodsFilter
from appliance.storage.references import Lists
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import GoodsFeedRow
from appliance.storage.tx import Tx

RUN = 500
SLICE = 250
"""Products whose variants are read by one statement."""


NO_GROUP: Final = 2_000_000_000
"""Group of goods that have none: YML wants one of every offer, a whole number above 0."""
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML may hold, not even written as a number; imports bring it into names."""


class Feed(NamedTuple):
    """A feed as stored."""

    id: UUID
    number: int
    shop: str
    price_type: str
    hides_out: bool
    created_at: datetime
    read_at: datetime | None


class Rates(NamedTuple):
    """Rates of VAT as shops read them: a number or `none`."""

    texts: Mapping[str, str]

    @property
    def version(self) -> int:
        """Differs when any of them does."""
        return zlib.crc32(repr(sorted(self.texts.items())).encode())


def rates_of(rates: tuple[VatRate, ...], day: date) -> Rates:
    """What each code means on a day."""
    return Rates(
        {
            one.code: "none" if one.percent is None else f"{one.percent / 100:g}"
            for one in rates_on(rates, day)
        }
    )


class Part(NamedTuple):
    """A run of offers, packed by zlib, with what it was made of."""

    version: tuple[int, ...]
    packed: bytes


_COLUMNS = "id, number, shop, price_type, hides_out, created_at, read_at"


async def every() -> list[Feed]:
    """Feeds that are open, by number."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM goods_feed WHERE active = {{}} ORDER BY number", True
    )
    return [_feed(row) for row in rows]


async def by_key(key_hash: bytes) -> Feed | None:
    """The open feed behind a key."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM goods_feed WHERE key_hash = {{}} AND active = {{}}",
        key_hash,
        True,
    )
    return None if row is None else _feed(row)


def _feed(row: Sequence[Any]) -> Feed:
    return Feed(*row)._replace(hides_out=bool(row[4]))


async def add(tx: Tx, shop: str, price_type: str, key_hash: bytes, *, hides_out: bool) -> int:
    """Open a feed; its number."""
    number = await counters.draw("goods_feed")
    await insert(
        GoodsFeedRow,
        id=uuid7(),
        number=number,
        shop=shop,
        price_type=price_type,
        key_hash=key_hash,
        hides_out=hides_out,
        created_at=tx.now,
    )
    return number


async def close(number: int) -> None:
    """Close a feed for good: its address answers no more."""
    await execute("UPDATE goods_feed SET active = {} WHERE number = {}", False, number)


async def note_read(feed: Feed, now: datetime) -> None:
    """Write down when a shop was here last."""
    await execute("UPDATE goods_feed SET read_at = {} WHERE id = {}", now, feed.id)


async def versions(feed: Feed, rates: Rates) -> dict[int, tuple[int, ...]]:
    """What each run of numbers is made of: it differs whenever anything in the run changed."""
    goods = await fetch(
        f"SELECT number / {RUN}, COUNT(*), CAST(SUM(changed) AS BIGINT) FROM product "
        f"WHERE shop IN ({{}}, '') GROUP BY number / {RUN}",
        feed.shop,
    )
    stocks = dict(
        await fetch(
            f"SELECT p.number / {RUN}, CAST(SUM(s.changed) AS BIGINT) FROM stock s "
            "JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id "
            f"WHERE p.shop IN ({{}}, '') GROUP BY p.number / {RUN}",
            feed.shop,
        )
    )
    return {
        run: (count, changes, stocks.get(run, 0), rates.version) for run, count, changes in goods
    }


async def part(
    tx: Tx, lists: Lists, rates: Rates, feed: Feed, run: int, kind: str, base: str
) -> bytes:
    """Offers of one run, as XML packed by zlib."""
    rows = await fetch(
        "SELECT p.number, c.number FROM product p LEFT JOIN category c ON c.id = p.category_id "
        "WHERE p.number >= {} AND p.number < {} AND p.shop IN ({}, '') AND p.to_check = {} "
        "ORDER BY p.number",
        run * RUN,
        (run + 1) * RUN,
        feed.shop,
        False,
    )
    groups = dict(rows)
    pictures = await _pictures(run)
    texts: list[str] = []
    numbers = list(groups)
    for start in range(0, len(numbers), SLICE):
        asked = GoodsFilter(numbers=tuple(numbers[start : start + SLICE]))
        for view in await products.products(tx, asked, skipped=0, limit=SLICE):
            shown = [f"{base}/pictures/{one}" for one in pictures.get(view.number, ())]
            for variant in view.variants:
                group = groups[view.number]
                if kind == "yml":
                    texts.append(_yml(feed, view, variant, group, shown))
                else:
                    texts.append(_icml(lists, rates, feed, view, variant, group, shown))
    return zlib.compress("".join(texts).encode())


async def _pictures(run: int) -> dict[int, list[UUID]]:
    found: dict[int, list[UUID]] = {}
    for number, picture in await fetch(
        "SELECT p.number, i.id FROM picture i JOIN product p ON p.id = i.product_id "
        "WHERE p.number >= {} AND p.number < {} ORDER BY i.position",
        run * RUN,
        (run + 1) * RUN,
    ):
        found.setdefault(number, []).append(picture)
    return found


def _free(one: VariantView) -> int:
    """Whole pieces; a negative figure is ours to see, a shop is told that there is none."""
    return max(one.free_milli, 0) // 1000


def _on_sale(feed: Feed, view: ProductView, one: VariantView) -> bool:
    return view.active and (_free(one) > 0 or not feed.hides_out)


def _price(kopecks: int) -> str:
    return f"{kopecks // 100}.{kopecks % 100:02d}"


def _shown(view: ProductView, pictures: Sequence[str]) -> list[tuple[str, Any]]:
    return [("picture", one) for one in (pictures or [view.image_url] * bool(view.image_url))]


def _yml(
    feed: Feed, view: ProductView, one: VariantView, group: int | None, pictures: Sequence[str]
) -> str:
    """An offer, its elements in the order of the format; what is out of stock is left out."""
    price = one.prices.get(feed.price_type)
    if not price or not _on_sale(feed, view, one):
        return ""
    free = _free(one)
    attributes = {
        "id": one.external_id or str(one.number),
        "available": "true" if free > 0 else "false",
    }
    parts: list[tuple[str, Any]] = [
        ("url", view.url),
        ("price", _price(price)),
        ("currencyId", "RUB"),
        ("categoryId", group or NO_GROUP),
        *_shown(view, pictures),
        ("name", one.name),
        ("vendor", view.manufacturer),
        ("vendorCode", one.sku),
        ("barcode", one.barcode),
        ("count", free),
    ]
    return _element("offer", attributes, parts)


def _icml(
    lists: Lists,
    rates: Rates,
    feed: Feed,
    view: ProductView,
    one: VariantView,
    group: int | None,
    pictures: Sequence[str],
) -> str:
    """An offer as retailCRM's modules read it; what is out of stock says that it is not active."""
    price = one.prices.get(feed.price_type)
    if price is None:
        return ""
    attributes = {
        "id": one.external_id or str(one.number),
        "productId": view.external_id or str(view.number),
        "quantity": str(_free(one)),
    }
    parts: list[tuple[str, Any]] = [
        ("url", view.url),
        ("price", _price(price)),
        ("categoryId", group),
        *_shown(view, pictures),
        ("name", one.name),
        ("productName", view.name),
        ("productActivity", "Y" if _on_sale(feed, view, one) else "N"),
        ("xmlId", one.xml_id),
        ("vendor", view.manufacturer),
        ("barcode", one.barcode),
        ("vatRate", rates.texts.get(one.vat_rate, "none")),
        ("weight", one.weight_grams / 1000 if one.weight_grams else None),
    ]
    tail = ""
    if one.sku:
        tail += f'<param name="Артикул" code="article">{_text(one.sku)}</param>'
    unit = lists.of(ReferenceKind.UNIT).get(one.unit)
    if unit is not None:
        symbol = _quoted(str(unit.extra.get("sym", unit.code)))
        tail += f"<unit code={_quoted(unit.code)} name={_quoted(unit.name)} sym={symbol}/>"
    return _element("offer", attributes, parts, tail)


def _text(value: object) -> str:
    return escape(_UNFIT.sub("", str(value)))


def _quoted(value: str) -> str:
    return quoteattr(_UNFIT.sub("", value))


def _element(
    name: str, attributes: dict[str, str], parts: Sequence[tuple[str, Any]], tail: str = ""
) -> str:
    head = "".join(f" {key}={_quoted(value)}" for key, value in attributes.items())
    body = "".join(
        f"<{key}>{_text(value)}</{key}>" for key, value in parts if value not in (None, "")
    )
    return f"<{name}{head}>{body}{tail}</{name}>\n"


async def head(lists: Lists, feed: Feed, kind: str, now: datetime) -> bytes:
    """What stands before the offers."""
    shop = lists.shops.get(feed.shop)
    name = feed.shop if shop is None else shop.name
    groups = categories.tree(await categories.every())
    listed = "".join(
        f'<category id="{one.number}"'
        + (f' parentId="{one.parent}"' if one.parent else "")
        + f">{_text(one.name)}</category>\n"
        for one in groups
    )
    if kind == "yml":
        listed += f'<category id="{NO_GROUP}">Без группы</category>\n'
    currencies = '<currencies><currency id="RUB" rate="1"/></currencies>' if kind == "yml" else ""
    address = f"<url>{_text(shop.url)}</url>" if shop is not None and shop.url else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<yml_catalog date="{now:%Y-%m-%d %H:%M:%S}"><shop><name>{_text(name)}</name>'
        f"<company>{_text(name)}</company>{address}{currencies}\n"
        f"<categories>\n{listed}</categories>\n<offers>\n"
    ).encode()


TAIL = b"</offers>\n</shop></yml_catalog>\n"
