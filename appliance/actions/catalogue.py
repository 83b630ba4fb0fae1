"""The catalogue on the staff's screens: list, card, form, pictures, groups."""

from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.domain import images
from appliance.domain.catalogue import (
    CatalogueFilter,
    CatalogueScreen,
    GoodsRow,
    Named,
    ProductCard,
    ProductForm,
)
from appliance.domain.products import ProductView, VariantView
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    catalogue,
    categories,
    goods_bringing,
    pictures,
    product_edits,
    products,
    references,
)
from appliance.storage.products import GoodsFilter
from appliance.storage.tx import Tx


def sees_cost(tx: Tx) -> bool:
    """Whether the actor may know what goods cost us."""
    return Permission.PRODUCT_COST in tx.actor.grants


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def screen(tx: Tx, asked: CatalogueFilter, after: int | None = None) -> CatalogueScreen:
    """A page of goods with names for its codes."""
    lists = await references.lists()
    groups = await categories.every()
    rows, following = await catalogue.page(tx, lists, groups, asked, after)
    return CatalogueScreen(
        rows=tuple(_costless(tx, row) for row in rows),
        after=following,
        named=await catalogue.named(lists, groups),
        sees_cost=sees_cost(tx),
    )


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def names(tx: Tx) -> Named:
    """What forms and filters choose from."""
    return await catalogue.named(await references.lists(), await categories.every())


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def card(tx: Tx, number: int) -> ProductCard:
    """A product with everything that belongs to it.

    Raises:
        NotFound: `product_not_found`.
    """
    lists = await references.lists()
    groups = await categories.every()
    found = await products.products(tx, GoodsFilter(numbers=(number,)), skipped=0, limit=1)
    if not found:
        raise NotFound("product_not_found")
    view = found[0]
    description, category, updated = await catalogue.head_of(view.id)
    return ProductCard(
        product=_shown(tx, view),
        description=description,
        category=next((one.number for one in groups if one.id == category), 0),
        more=await catalogue.more_of(view),
        pictures=await catalogue.pictures_of(view.id),
        prices=await catalogue.price_history(view),
        movements=await catalogue.movements(view),
        named=await catalogue.named(lists, groups),
        sees_cost=sees_cost(tx),
        may_edit=Permission.PRODUCT_EDIT in tx.actor.grants,
        updated_at=updated,
        facts=await goods_bringing.facts_of(view.id),
    )


def _costless(tx: Tx, row: GoodsRow) -> GoodsRow:
    return msgspec.structs.replace(row, product=_shown(tx, row.product))


def _shown(tx: Tx, view: ProductView) -> ProductView:
    """The product without what it costs us, for whom that is hidden."""
    if sees_cost(tx):
        return view
    return msgspec.structs.replace(view, variants=tuple(map(_bare, view.variants)))


def _bare(one: VariantView) -> VariantView:
    stock = tuple(msgspec.structs.replace(place, purchase_price=0) for place in one.stock)
    return msgspec.structs.replace(one, purchase_price=0, stock=stock)


@action(Permission.PRODUCT_EDIT)
async def save(tx: Tx, form: ProductForm, number: int = 0, seen: int = 0) -> int:
    """Add a product or change one; its number.

    Raises:
        NotFound: `product_not_found`.
        Conflict: `product_changed` since the form was opened.
        Invalid: at the fields of the form: `name_missing`, `sku_taken`, `barcode_taken`,
            `code_unknown`, `variant_unknown`.
    """
    if not sees_cost(tx):
        bare = tuple(msgspec.structs.replace(one, purchase_price=None) for one in form.variants)
        form = msgspec.structs.replace(form, variants=bare)
    return await product_edits.save(tx, await references.lists(), form, number, seen)


@action(Permission.PRODUCT_EDIT, reads=True, quiet=True)
async def seen_of(tx: Tx, number: int) -> int:
    """What `save` is told to notice that somebody changed the product meanwhile.

    Raises:
        NotFound: `product_not_found`.
    """
    return (await product_edits.get(tx, number)).changed


@action(Permission.PRODUCT_EDIT)
async def mark_checked(tx: Tx, number: int) -> None:
    """Take the mark «проверить» off a product that an order made.

    Raises:
        NotFound: `product_not_found`.
    """
    await product_edits.mark_checked(tx, number)


@action(Permission.PRODUCT_EDIT)
async def add_picture(tx: Tx, number: int, data: bytes) -> UUID:
    """Keep a picture of a product.

    Raises:
        NotFound: `product_not_found`.
        Invalid: `picture_unreadable`, `picture_too_large`, `picture_empty`, `pictures_too_many`.
    """
    known = await product_edits.get(tx, number)
    tx.about("product", known.id)
    tx.concern("product", known.id)
    return await pictures.add(tx, known.id, images.read(data))


@action(Permission.PRODUCT_EDIT)
async def remove_picture(tx: Tx, number: int, picture: UUID) -> None:
    """Take a picture off a product.

    Raises:
        NotFound: `product_not_found`.
    """
    known = await product_edits.get(tx, number)
    tx.about("product", known.id)
    tx.concern("product", known.id)
    await pictures.remove(known.id, picture)


@action(Permission.PRODUCT_EDIT)
async def first_picture(tx: Tx, number: int, picture: UUID) -> None:
    """Make a picture the one that lists show.

    Raises:
        NotFound: `product_not_found`.
    """
    known = await product_edits.get(tx, number)
    tx.about("product", known.id)
    tx.concern("product", known.id)
    await pictures.put_first(known.id, picture)


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def picture(tx: Tx, picture_id: UUID) -> tuple[str, bytes]:
    """Kind and bytes of a picture.

    Raises:
        NotFound: `picture_not_found`.
    """
    return await pictures.content(picture_id)


@action(Permission.PRODUCT_EDIT)
async def save_category(tx: Tx, name: str, parent: int = 0, number: int = 0) -> None:
    """Make a group, or rename one and hang it under another.

    Raises:
        Invalid: `name_missing`, `category_unknown`, `category_circle`.
    """
    clean = " ".join(name.split())[:200]
    if not clean:
        raise Invalid("name_missing", fields={"name": "name_missing"})
    groups = await categories.every()
    if number:
        await categories.change(groups, number, clean, parent)
        return
    above = next((one.id for one in groups if one.number == parent), None)
    if parent and above is None:
        raise Invalid("category_unknown", fields={"parent": "category_unknown"})
    await categories.add(clean, above)
