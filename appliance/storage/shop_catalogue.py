"""Taking a shop's catalogue over: groups, then offers some at a time, then what is missing.

Everything known of a batch is read in four statements and compared here; a catalogue that says
what it said yesterday writes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.catalogue_runs import Note, Outcome
from appliance.domain.icml import Group, Offer
from appliance.domain.ids import uuid7
from appliance.storage import counters, feed, goods_marks, products, stock
from appliance.storage.statements import any_of, execute, fetch, insert_many, update_row
from appliance.storage.tables import CategoryRow, ProductRow, VariantRow
from appliance.storage.tx import Tx

_PRODUCT: Final = (
    "external_id", "name", "product_group", "category_id", "manufacturer", "description", "url",
    "image_url", "active", "to_check",
)  # fmt: skip
_VARIANT: Final = (
    "external_id", "xml_id", "sku", "barcode", "name", "weight_grams", "vat_rate", "unit",
    "purchase_price", "active", "properties", "pictures", "length_mm", "width_mm", "height_mm",
    "from_catalogue",
)  # fmt: skip
_FLAGS: Final = frozenset({"active", "to_check", "from_catalogue"})
_UNTOLD: Final = frozenset({"category_id", "to_check", "from_catalogue", "pictures", "properties"})
"""Columns whose old and new value the history does not spell out."""


class Takes(NamedTuple):
    """What a run takes over, and where it puts that.

    Attributes:
        price_type: code; empty: prices stay as they are.
        warehouse: None: stock stays as it is.
        groups: the shop's id of a group → id and name here.
        units: code of a unit as the shop says it, or its name → code here.
        rates: percent as text, or `none` → code of the rate.
    """

    shop: str
    price_type: str
    warehouse: UUID | None
    groups: Mapping[str, tuple[UUID, str]]
    units: Mapping[str, str]
    rates: Mapping[str, str]


class _Known(NamedTuple):
    id: UUID
    number: int
    columns: dict[str, Any]
    product_id: UUID | None = None


class _Goods:
    """What is known of a batch."""

    def __init__(self) -> None:
        self.variants: dict[str, _Known] = {}
        self.by_xml_id: dict[str, _Known] = {}
        self.products: dict[str, _Known] = {}
        self.by_id: dict[UUID, _Known] = {}
        self.prices: dict[UUID, int] = {}
        self.stock: dict[UUID, int] = {}


async def take_groups(tx: Tx, shop: str, groups: Sequence[Group]) -> None:
    """Add or change groups; a parent stands before its children, or is known."""
    known = {
        row[1]: row
        for row in await fetch(
            "SELECT id, external_id, name, parent_id FROM category "
            "WHERE shop = {} AND external_id IS NOT NULL",
            shop,
        )
    }
    bare = {
        row[1]: row[0]
        for row in await fetch(
            "SELECT id, name FROM category WHERE shop = '' AND external_id IS NULL AND name IN {}",
            any_of([one.name for one in groups]),
        )
    }
    ids: dict[str, UUID] = {code: row[0] for code, row in known.items()}
    renamed: list[UUID] = []
    for one in groups:
        parent = ids.get(one.parent)
        values = {"name": one.name, "parent_id": parent}
        if one.id in known:
            row = known[one.id]
            if (row[2], row[3]) != (one.name, parent):
                await update_row(CategoryRow, row[0], **values)
                renamed.append(row[0])
            continue
        adopted = bare.pop(one.name, None)
        values |= {"shop": shop, "external_id": one.id}
        if adopted is not None:  # made when an order or a table named it
            ids[one.id] = adopted
            await update_row(CategoryRow, adopted, **values)
            continue
        ids[one.id] = uuid7()
        number = await counters.draw("category")
        await insert_many(CategoryRow, [{"id": ids[one.id], "number": number, **values}])
    for group in renamed:
        await execute(
            "UPDATE product SET product_group = (SELECT name FROM category WHERE id = {}), "
            "changed = changed + 1 WHERE category_id = {}",
            group,
            group,
        )
    if renamed:
        await goods_marks.touch()


async def groups_of(shop: str) -> dict[str, tuple[UUID, str]]:
    """The groups of a shop's catalogue by the shop's ids."""
    rows = await fetch(
        "SELECT external_id, id, name FROM category WHERE shop = {} AND external_id IS NOT NULL",
        shop,
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def take(tx: Tx, takes: Takes, offers: Sequence[Offer]) -> list[Note]:
    """Add or change what a batch of sound offers says; no id comes twice in it."""
    goods = await _known(takes, offers)
    work = _Work(tx, takes, goods)
    for one in offers:
        work.take(one)
    await work.write()
    return work.notes


async def _known(takes: Takes, offers: Sequence[Offer]) -> _Goods:
    goods = _Goods()
    columns = ", ".join(f"v.{name}" for name in _VARIANT)
    for row in await fetch(
        f"SELECT v.id, v.number, v.product_id, {columns} FROM variant v WHERE v.shop = {{}} AND "
        "(v.external_id IN {} OR (v.external_id IS NULL AND v.xml_id IN {}))",
        takes.shop,
        any_of([one.id for one in offers]),
        any_of([one.xml_id for one in offers if one.xml_id]),
    ):
        found = _Known(row[0], row[1], _columns(_VARIANT, row[3:]), row[2])
        if found.columns["external_id"]:
            goods.variants[found.columns["external_id"]] = found
        else:
            goods.by_xml_id[found.columns["xml_id"]] = found
    variants = [*goods.variants.values(), *goods.by_xml_id.values()]
    columns = ", ".join(f"p.{name}" for name in _PRODUCT)
    for row in await fetch(
        f"SELECT p.id, p.number, {columns} FROM product p "
        "WHERE (p.shop = {} AND p.external_id IN {}) OR p.id IN {}",
        takes.shop,
        any_of({one.product_id for one in offers}),
        any_of({one.product_id for one in variants}),
    ):
        found = _Known(row[0], row[1], _columns(_PRODUCT, row[2:]))
        goods.by_id[found.id] = found
        if found.columns["external_id"]:
            goods.products[found.columns["external_id"]] = found
    await _read_figures(takes, goods, [one.id for one in variants])
    return goods


async def _read_figures(takes: Takes, goods: _Goods, variants: Sequence[UUID]) -> None:
    ids = any_of(variants)
    if takes.price_type:
        for variant, amount in await fetch(
            "SELECT variant_id, amount FROM price WHERE variant_id IN {} AND price_type = {} "
            "ORDER BY since",
            ids,
            takes.price_type,
        ):
            goods.prices[variant] = amount
    if takes.warehouse is not None:
        for variant, milli in await fetch(
            "SELECT variant_id, on_hand_milli FROM stock WHERE variant_id IN {} "
            "AND warehouse_id = {}",
            ids,
            takes.warehouse,
        ):
            goods.stock[variant] = milli


def _columns(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: bool(value) if name in _FLAGS else value
        for name, value in zip(names, values, strict=True)
    }


class _Work:
    """Decides what a batch changes, then writes it."""

    def __init__(self, tx: Tx, takes: Takes, goods: _Goods) -> None:
        self._tx, self._takes, self._goods = tx, takes, goods
        self.notes: list[Note] = []
        self._new_products: dict[UUID, dict[str, Any]] = {}
        self._new_variants: list[dict[str, Any]] = []
        self._changed_products: dict[UUID, dict[str, Any]] = {}
        self._changed_variants: dict[UUID, dict[str, Any]] = {}
        self._prices: list[tuple[UUID, str, int]] = []
        self._figures: list[tuple[UUID, UUID, int]] = []
        self._deeds: dict[UUID, list[feed.Change]] = {}
        self._met: list[tuple[Offer, UUID, Outcome]] = []

    def take(self, one: Offer) -> None:
        """Compare an offer with what is known of it."""
        known = self._goods.variants.get(one.id)
        if known is None and one.xml_id:
            known = self._goods.by_xml_id.pop(one.xml_id, None)
        product = self._product(one, None if known is None else known.product_id)
        deeds = self._deeds.setdefault(product, [])
        had = len(deeds)
        if product in self._new_products:
            if not had:
                deeds.append(feed.Change(field="name", new=one.product_name, kind="create"))
        else:
            self._compare_product(product, one)
        variant = self._variant(one, known, product)
        moved = self._figures_of(one, variant, known, deeds)
        if known is None:
            outcome = Outcome.CREATED
        else:
            outcome = Outcome.UPDATED if moved or len(deeds) > had else Outcome.SAME
        self._met.append((one, product, outcome))

    def _figures_of(
        self, one: Offer, variant: UUID, known: _Known | None, deeds: list[feed.Change]
    ) -> bool:
        """Compare price and stock; whether the stock moves, which no history tells."""
        kind, warehouse = self._takes.price_type, self._takes.warehouse
        old = self._goods.prices.get(variant)
        if kind and one.price is not None and old != one.price:
            self._prices.append((variant, kind, one.price))
            if known is not None:
                deeds.append(feed.Change(field=f"price.{kind}", old=old, new=one.price))
        if warehouse is None or one.quantity_milli is None:
            return False
        if self._goods.stock.get(variant) == one.quantity_milli:
            return False
        self._figures.append((variant, warehouse, one.quantity_milli))
        return True

    def _product(self, one: Offer, of_variant: UUID | None) -> UUID:
        known = self._goods.products.get(one.product_id)
        if known is None and of_variant is not None:
            held = self._goods.by_id.get(of_variant)
            if held is not None and held.columns["external_id"] is None:
                known = held  # made by an order's line, to be checked
        if known is None:
            product = uuid7()
            values = {**self._product_values(one), "external_id": one.product_id}
            self._new_products[product] = values
            known = _Known(product, 0, values)
        self._goods.products[one.product_id] = known
        return known.id

    def _product_values(self, one: Offer) -> dict[str, Any]:
        group = next((self._takes.groups[g] for g in one.groups if g in self._takes.groups), None)
        values: dict[str, Any] = {
            "external_id": one.product_id,
            "name": one.product_name,
            "product_group": "" if group is None else group[1],
            "category_id": None if group is None else group[0],
            "manufacturer": one.vendor,
            "description": one.description,
            "url": one.url,
            "image_url": one.pictures[0] if one.pictures else "",
            "active": one.product_active,
            "to_check": False,
        }
        if group is None:
            del values["product_group"], values["category_id"]
        for name in ("description", "manufacturer", "image_url"):
            if not values[name]:
                del values[name]
        return values

    def _compare_product(self, product: UUID, one: Offer) -> None:
        known = self._goods.products[one.product_id]
        wanted = self._product_values(one)
        if product in self._changed_products or known.number == 0:
            return  # the first offer of a product speaks for it
        differing = {name: value for name, value in wanted.items() if known.columns[name] != value}
        self._changed_products[product] = differing
        self._deeds[product] += _told(known.columns, differing, "")

    def _variant(self, one: Offer, known: _Known | None, product: UUID) -> UUID:
        values = self._variant_values(one)
        if known is None:
            variant = uuid7()
            self._new_variants.append({"id": variant, "product_id": product, **values})
            # A second look at the same id finds it.
            self._goods.variants[one.id] = _Known(variant, 0, values, product)
            if product not in self._new_products:
                change = feed.Change(field="variant", new=one.name)
                self._deeds[product].append(change)
            return variant
        differing = {name: value for name, value in values.items() if known.columns[name] != value}
        if known.product_id != product:
            differing["product_id"] = product
        if differing:
            self._changed_variants[known.id] = differing
            self._deeds[product] += _told(known.columns, differing, "variant.")
        return known.id

    def _variant_values(self, one: Offer) -> dict[str, Any]:
        length, width, height = one.size
        values: dict[str, Any] = {
            "external_id": one.id,
            "xml_id": one.xml_id or None,
            "sku": one.sku,
            "barcode": one.barcode,
            "name": one.name,
            "weight_grams": one.weight_grams,
            "active": one.active and one.product_active,
            "properties": msgspec.json.encode(one.properties).decode(),
            "pictures": msgspec.json.encode(one.pictures).decode(),
            "length_mm": length,
            "width_mm": width,
            "height_mm": height,
            "from_catalogue": True,
        }
        if rate := self._takes.rates.get(one.vat.lower()):
            values["vat_rate"] = rate
        elif one.vat:
            self._note(one, Outcome.NOTED, "vatRate", "vat_unknown")
        unit = self._takes.units.get(one.unit[0].lower()) or self._takes.units.get(
            one.unit[1].lower()
        )
        if unit:
            values["unit"] = unit
        elif any(one.unit):
            self._note(one, Outcome.NOTED, "unit", "unit_unknown")
        if one.purchase is not None and self._takes.price_type:
            values["purchase_price"] = one.purchase
        if one.groups and not any(group in self._takes.groups for group in one.groups):
            self._note(one, Outcome.NOTED, "categoryId", "group_unknown")
        return values

    def _note(self, one: Offer, outcome: Outcome, field: str, code: str) -> None:
        self.notes.append(
            Note(place=one.place, outcome=outcome, external_id=one.id, field=field, code=code)
        )

    async def write(self) -> None:
        """Write everything that differs."""
        tx, shop = self._tx, self._takes.shop
        numbers = {one.id: one.number for one in self._goods.by_id.values()}
        await self._add(numbers)
        touched = {product for product, deeds in self._deeds.items() if deeds}
        for product, values in self._changed_products.items():
            if product in touched:
                await update_row(ProductRow, product, **values, updated_at=tx.now)
        for variant, values in self._changed_variants.items():
            await update_row(VariantRow, variant, **values)
        await goods_marks.changed(touched - self._new_products.keys())
        await products.set_prices(tx, self._prices)
        await stock.set_on_hand(tx, self._figures, "upload", None)
        await feed.record_goods(
            tx,
            shop,
            [(one, numbers[one], self._deeds[one]) for one in self._deeds if one in touched],
        )
        self.notes = [
            msgspec.structs.replace(one, product_number=self._number_of(one, numbers))
            for one in self.notes
        ]
        self.notes += [
            Note(
                place=one.place,
                outcome=outcome,
                external_id=one.id,
                product_number=numbers[product],
            )
            for one, product, outcome in self._met
        ]

    def _number_of(self, note: Note, numbers: Mapping[UUID, int]) -> int:
        met = next(product for one, product, _ in self._met if one.place == note.place)
        return numbers[met]

    async def _add(self, numbers: dict[UUID, int]) -> None:
        tx, shop = self._tx, self._takes.shop
        if self._new_products:
            first = await counters.draw("product", len(self._new_products))
            for place, product in enumerate(self._new_products):
                numbers[product] = first + place
            bare = dict.fromkeys(("product_group", "description", "manufacturer", "image_url"), "")
            made = {"shop": shop, "created_at": tx.now, "updated_at": tx.now, "category_id": None}
            await insert_many(
                ProductRow,
                [
                    {"id": product, "number": numbers[product], **made, **bare, **values}
                    for product, values in self._new_products.items()
                ],
            )
            await goods_marks.touch()
        if self._new_variants:
            first = await counters.draw("variant", len(self._new_variants))
            usual = {"shop": shop, "vat_rate": "none", "unit": "pc", "purchase_price": 0}
            await insert_many(
                VariantRow,
                [
                    {"number": first + place, **usual, **values}
                    for place, values in enumerate(self._new_variants)
                ],
            )


def _told(known: Mapping[str, Any], differing: Mapping[str, Any], prefix: str) -> list[feed.Change]:
    return [
        feed.Change(field=prefix + name)
        if name in _UNTOLD
        else feed.Change(field=prefix + name, old=known.get(name), new=value)
        for name, value in differing.items()
        if name != "product_id"
    ]


class Missing(NamedTuple):
    """A step of looking for what the file no longer holds.

    Attributes:
        after: number of the last variant looked at; 0: there are no more.
        hidden: notes of those taken off sale.
    """

    after: int
    hidden: list[Note]


async def active_count(shop: str) -> int:
    """How many offers of a shop's catalogue are on sale; a shop's goods are few next to orders."""
    rows = await fetch(
        "SELECT COUNT(*) FROM variant WHERE shop = {} AND from_catalogue AND active = {}",
        shop,
        True,
    )
    return int(rows[0][0])


async def hide_missing(tx: Tx, shop: str, seen: Collection[int], after: int, limit: int) -> Missing:
    """Take off sale some of what the file no longer holds.

    Args:
        tx: of the house.
        shop: whose file it was.
        seen: `hash` of the id of every offer in the file.
        after: number of the last variant looked at.
        limit: how many to look at.
    """
    rows = await fetch(
        "SELECT v.id, v.number, v.external_id, v.product_id, p.number, v.active FROM variant v "
        "JOIN product p ON p.id = v.product_id WHERE v.shop = {} AND v.from_catalogue "
        "AND v.number > {} ORDER BY v.number LIMIT {}",
        shop,
        after,
        limit,
    )
    gone = [row for row in rows if row[5] and hash(row[2]) not in seen]
    if gone:
        ids, owners = any_of([row[0] for row in gone]), {row[3]: row[4] for row in gone}
        await execute("UPDATE variant SET active = {} WHERE id IN {}", False, ids)
        await execute(
            "UPDATE product SET active = {}, updated_at = {} WHERE id IN {} AND NOT EXISTS "
            "(SELECT 1 FROM variant v WHERE v.product_id = product.id AND v.active = {})",
            False,
            tx.now,
            any_of(owners),
            True,
        )
        await goods_marks.changed(owners)
        change = feed.Change(field="variant.active", old=True, new=False)
        await feed.record_goods(
            tx, shop, [(product, number, [change]) for product, number in owners.items()]
        )
    return Missing(
        after=rows[-1][1] if len(rows) == limit else 0,
        hidden=[
            Note(place=0, outcome=Outcome.HIDDEN, external_id=row[2], product_number=row[4])
            for row in gone
        ],
    )
