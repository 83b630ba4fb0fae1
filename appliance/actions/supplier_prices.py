"""What suppliers ask for our goods: for those who may see what goods cost."""

from appliance.actions import _client_checks, _order_checks
from appliance.actions._client_checks import reached
from appliance.actions._gate import action
from appliance.domain.events import CustomerChanged
from appliance.domain.supplier_prices import HIGHEST, LONGEST_SKU
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import customer_edits, feed, stock_documents, supplier_prices
from appliance.storage.customers import Known
from appliance.storage.tx import Tx


@action(Permission.CUSTOMER_EDIT)
async def put(tx: Tx, number: int, code: str, amount: int, sku: str = "") -> None:
    """Note what a supplier asks for a variant from now on.

    Args:
        tx: of the actor.
        number: of the supplier's card.
        code: our article or barcode.
        amount: kopecks.
        sku: the supplier's own article.

    Raises:
        NotFound: `customer_not_found`.
        Invalid: `barcode_unknown`, `amount_out_of_range`, `title_long`, `not_a_supplier`.
        Denied: the actor may not see what goods cost.
    """
    _order_checks.also_needs(tx, Permission.PRODUCT_COST)
    known = await reached(tx, number)
    fields: dict[str, str] = {}
    variant = await stock_documents.by_code(code.strip()) if code.strip() else None
    if variant is None:
        fields["code"] = "barcode_unknown"
    elif not await supplier_prices.is_supplier(known.id):
        fields["code"] = "not_a_supplier"
    if not 0 < amount <= HIGHEST:
        fields["price"] = "amount_out_of_range"
    if len(sku) > LONGEST_SKU:
        fields["sku"] = "title_long"
    _client_checks.refuse(fields)
    if variant is None:
        return
    was = await supplier_prices.put(tx, known.id, variant, sku.strip(), amount)
    if was != amount:
        await _note(tx, known, old=was, new=amount)


@action(Permission.CUSTOMER_EDIT)
async def drop(tx: Tx, number: int, variant: int) -> None:
    """Forget what a supplier asks for a variant.

    Raises:
        NotFound: `customer_not_found`; `price_not_found`.
        Denied: the actor may not see what goods cost.
    """
    _order_checks.also_needs(tx, Permission.PRODUCT_COST)
    known = await reached(tx, number)
    was = await supplier_prices.remove(known.id, await stock_documents.variant_of(variant))
    if was is None:
        raise NotFound("price_not_found")
    await _note(tx, known, old=was, new=None)


async def _note(tx: Tx, known: Known, *, old: int | None, new: int | None) -> None:
    """Who reads the client's history need not be told what goods cost: the deed alone is kept."""
    said = "put" if old is None else "changed"
    change = feed.Change(field="supplier_price", new=said if new is not None else "dropped")
    await customer_edits.touch(tx, known, [change])
    tx.emit(CustomerChanged(customer_id=known.id))
