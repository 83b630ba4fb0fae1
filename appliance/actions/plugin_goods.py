"""What plugins bring in: groups, goods, kinds of price, warehouses, prices and stock."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import TypeVar

from appliance.actions import _plugin_asking
from appliance.actions._gate import action
from appliance.actions._order_checks import check_shop
from appliance.domain import images
from appliance.domain.references import Reference, ReferenceKind, Warehouse
from appliance.errors import Denied, Invalid, NotFound
from appliance.plugin_api import goods as wire
from appliance.plugin_api.goods import GoodIn, GroupIn, NamedIn, OfferIn, Outcome
from appliance.roles import Permission
from appliance.storage import categories, goods_bringing, offers_bringing, references, vat
from appliance.storage import pictures as photos
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

NAME = 200
"""Letters of a group's, a kind's, a warehouse's name."""
E = TypeVar("E", GoodIn, OfferIn)


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def lists(tx: Tx, asked: wire.ListsAsked) -> wire.Lists:
    """Codes and names that orders and goods speak of."""
    del asked
    _plugin_asking.plugin_of(tx)
    known = await references.lists()
    return wire.Lists(
        statuses=tuple(
            wire.Listed(code=one.code, name=one.name, group=one.group)
            for one in known.statuses.values()
            if one.active
        ),
        payment_types=_entries(known, ReferenceKind.PAYMENT_TYPE),
        delivery_types=_entries(known, ReferenceKind.DELIVERY_TYPE),
        price_types=_entries(known, ReferenceKind.PRICE_TYPE),
        warehouses=tuple(
            wire.Listed(code=one.code, name=one.name)
            for one in known.warehouses.values()
            if one.active
        ),
        vat_rates=tuple(
            wire.VatListed(code=one.code, since=one.since, percent=one.percent)
            for one in await vat.rates()
        ),
    )


def _entries(known: Lists, kind: ReferenceKind) -> tuple[wire.Listed, ...]:
    entries = known.of(kind).values()
    return tuple(wire.Listed(code=one.code, name=one.name) for one in entries if one.active)


@action(Permission.PRODUCT_EDIT, quiet=True)
async def groups(tx: Tx, given: wire.GroupsGiven) -> wire.Numbers:
    """Make groups or rename them; their numbers, in order.

    Raises:
        Invalid: `batch_too_long`, `name_missing`.
    """
    _checked(tx, given.groups)
    numbers: list[int] = []
    for one in given.groups:
        numbers.append(await _group(one))
    return wire.Numbers(numbers=tuple(numbers))


async def _group(one: GroupIn) -> int:
    known = await categories.every()
    name = _name(one.name)
    by_number = {each.number: each for each in known}
    above = by_number.get(one.parent)
    parent_id = None if above is None else above.id
    mine = by_number.get(one.number)
    if mine is None:
        same = (each for each in known if each.name == name and each.parent_id == parent_id)
        mine = next(same, None)
    if mine is None:
        made = await categories.add(name, parent_id)
        return next(each.number for each in await categories.every() if each.id == made)
    if (mine.name, mine.parent_id) != (name, parent_id):
        below = categories.under(known, mine.number)
        parent = one.parent if above is not None and above.id not in below else 0
        await categories.change(known, mine.number, name, parent)
    return mine.number


@action(Permission.PRODUCT_EDIT, quiet=True)
async def price_types(tx: Tx, given: wire.NamesGiven) -> wire.Codes:
    """Kinds of price by code, else by name; one that is not there is made.

    Raises:
        Invalid: `batch_too_long`, `name_missing`.
    """
    _checked(tx, given.names)
    codes: list[str] = []
    for one in given.names:
        known = (await references.lists()).of(ReferenceKind.PRICE_TYPE)
        code = _known(one, {entry.code: entry.name for entry in known.values()})
        if not code:
            code = _fresh("price", known)
            entry = Reference(number=0, code=code, name=_name(one.name))
            await references.set_entry(ReferenceKind.PRICE_TYPE, None, entry)
        codes.append(code)
    return wire.Codes(codes=tuple(codes))


@action(Permission.PRODUCT_EDIT, quiet=True)
async def warehouses(tx: Tx, given: wire.NamesGiven) -> wire.Codes:
    """Warehouses by code, else by name; one that is not there is made.

    Raises:
        Invalid: `batch_too_long`, `name_missing`.
    """
    _checked(tx, given.names)
    codes: list[str] = []
    for one in given.names:
        known = (await references.lists()).warehouses
        code = _known(one, {place.code: place.name for place in known.values()})
        if not code:
            code = _fresh("store", known)
            await references.set_warehouse(
                None, Warehouse(number=0, code=code, name=_name(one.name))
            )
        codes.append(code)
    return wire.Codes(codes=tuple(codes))


def _known(one: NamedIn, names: Mapping[str, str]) -> str:
    if one.code in names:
        return one.code
    wanted = one.name.strip().casefold()
    return next((code for code, name in names.items() if name.casefold() == wanted), "")


def _fresh(prefix: str, taken: Iterable[str]) -> str:
    used = set(taken)
    return next(code for code in (f"{prefix}-{n}" for n in count(1)) if code not in used)


def _name(text: str) -> str:
    clean = " ".join(text.split())[:NAME]
    if not clean:
        raise Invalid("name_missing", fields={"name": "name_missing"})
    return clean


@action(Permission.PRODUCT_EDIT, quiet=True)
async def goods(tx: Tx, given: wire.GoodsGiven) -> wire.Outcomes:
    """Add or change goods with their first variants and properties.

    Raises:
        Invalid: `batch_too_long`.
        Denied: `shop_foreign`.
    """
    _checked(tx, given.goods)
    groups = {one.number: one for one in await categories.every()}
    outcomes: dict[int, Outcome] = {}
    for shop, (places, found) in _by_shop(given.goods, lambda one: one.shop).items():
        check_shop(tx, shop)
        made = await goods_bringing.bring(tx, shop, groups, found)
        outcomes |= dict(zip(places, made, strict=True))
    return wire.Outcomes(outcomes=tuple(outcomes[place] for place in range(len(given.goods))))


@action(Permission.PRODUCT_EDIT, quiet=True)
async def offers(tx: Tx, given: wire.OffersGiven) -> wire.Outcomes:
    """Names, prices and stock of variants; exactly what is said is taken over.

    Raises:
        Invalid: `batch_too_long`; `code_unknown` at `prices` or `stores`.
        Denied: `shop_foreign`; stock without the right to it.
    """
    _checked(tx, given.offers)
    lists = await references.lists()
    if Permission.STOCK_EDIT not in tx.actor.grants and any(one.stock for one in given.offers):
        raise Denied("permission_not_granted", Permission.STOCK_EDIT)
    kinds = lists.of(ReferenceKind.PRICE_TYPE)
    if any(code not in kinds for one in given.offers for code in one.prices or ()):
        raise Invalid("code_unknown", fields={"prices": "code_unknown"})
    if any(code not in lists.warehouse_ids for one in given.offers for code in one.stock or ()):
        raise Invalid("code_unknown", fields={"stores": "code_unknown"})
    outcomes: dict[int, Outcome] = {}
    for shop, (places, found) in _by_shop(given.offers, lambda one: one.shop).items():
        check_shop(tx, shop)
        made = await offers_bringing.bring(tx, lists, shop, found)
        outcomes |= dict(zip(places, made, strict=True))
    return wire.Outcomes(outcomes=tuple(outcomes[place] for place in range(len(given.offers))))


@action(Permission.PRODUCT_EDIT, quiet=True)
async def pictures(tx: Tx, given: wire.PicturesGiven) -> wire.PicturesKept:
    """Make these the pictures of a good that this plugin gave it.

    One that is no picture, or too large, is left out; the others are taken.

    Raises:
        Invalid: `batch_too_long`.
        NotFound: `product_not_found`.
        Denied: `shop_foreign`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(given.bodies, photos.MOST)
    check_shop(tx, given.shop)
    product_id = await goods_bringing.id_of(given.shop, given.good)
    if product_id is None:
        raise NotFound("product_not_found")
    read: list[images.Picture] = []
    for body in given.bodies:
        try:
            read.append(images.read(body))
        except Invalid:
            continue
    kept = await photos.bring(tx, product_id, plugin, read, fill=given.fill)
    return wire.PicturesKept(kept=kept, refused=len(given.bodies) - len(read))


def _by_shop(
    given: Sequence[E], shop_of: Callable[[E], str]
) -> Mapping[str, tuple[list[int], list[E]]]:
    """Places and entries by shop: nearly always one."""
    found: dict[str, tuple[list[int], list[E]]] = defaultdict(lambda: ([], []))
    for place, one in enumerate(given):
        places, entries = found[shop_of(one)]
        places.append(place)
        entries.append(one)
    return found


def _checked(tx: Tx, given: Sequence[object]) -> None:
    _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(given, wire.MOST)
