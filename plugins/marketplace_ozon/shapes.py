"""What Ozon Seller answers, as far as the box reads it; everything else is passed over.

Money comes as a string in version 3 and as an object in version 4; lists come wrapped in `result`
or not: both are taken.
"""

from datetime import datetime

import msgspec


class Money(msgspec.Struct, frozen=True):
    """An amount of version 4."""

    amount: str = "0"
    currency: str = ""


class Product(msgspec.Struct, frozen=True):
    """A line; `sku` is what packing calls `product_id`."""

    offer_id: str = ""
    sku: int = 0
    name: str = ""
    quantity: int = 1
    price: str | Money | float | None = None


class Requirements(msgspec.Struct, frozen=True):
    """SKUs that something has to be told of before packing."""

    products_requiring_mandatory_mark: tuple[int, ...] = ()
    products_requiring_gtd: tuple[int, ...] = ()
    products_requiring_country: tuple[int, ...] = ()
    products_requiring_rnpt: tuple[int, ...] = ()
    products_requiring_jw_uin: tuple[int, ...] = ()
    products_requiring_imei: tuple[int, ...] = ()
    products_requiring_weight: tuple[int, ...] = ()


class Cancellation(msgspec.Struct, frozen=True):
    """Why it was cancelled."""

    cancel_reason_id: int = 0
    cancel_reason: str = ""
    cancellation_initiator: str = ""
    cancelled_after_ship: bool = False


class DeliveryMethod(msgspec.Struct, frozen=True):
    """How it goes, and from which warehouse."""

    id: int = 0
    name: str = ""
    warehouse_id: int = 0


class Posting(msgspec.Struct, frozen=True):
    """A posting of FBS."""

    posting_number: str = ""
    order_number: str = ""
    parent_posting_number: str = ""
    status: str = ""
    substatus: str = ""
    in_process_at: datetime | None = None
    shipment_date: datetime | None = None
    tracking_number: str = ""
    products: tuple[Product, ...] = ()
    requirements: Requirements = Requirements()
    cancellation: Cancellation = Cancellation()
    delivery_method: DeliveryMethod = DeliveryMethod()
    available_actions: tuple[str, ...] = ()
    is_express: bool = False


class Page(msgspec.Struct, frozen=True):
    """A page of postings."""

    postings: tuple[Posting, ...] = ()
    cursor: str = ""
    has_next: bool = False


class Listed(msgspec.Struct, frozen=True):
    """A page, wrapped or not."""

    result: Page | None = None
    postings: tuple[Posting, ...] = ()
    cursor: str = ""
    has_next: bool = False

    @property
    def page(self) -> Page:
        """The page itself."""
        if self.result is not None:
            return self.result
        return Page(self.postings, self.cursor, self.has_next)


class Got(msgspec.Struct, frozen=True):
    """One posting."""

    result: Posting = Posting()


class Problem(msgspec.Struct, frozen=True):
    """A refusal: Ozon writes its own word into `message`, or into `code`."""

    code: int | str = ""
    message: str = ""


class Roles(msgspec.Struct, frozen=True):
    """What a key may do, and until when."""

    expires_at: datetime | None = None


class Reason(msgspec.Struct, frozen=True):
    """Why a seller may cancel."""

    id: int = 0
    title: str = ""


class ReasonsOf(msgspec.Struct, frozen=True):
    """Reasons for one posting."""

    posting_number: str = ""
    reasons: tuple[Reason, ...] = ()


class Reasons(msgspec.Struct, frozen=True):
    """Reasons for the postings asked for."""

    result: tuple[ReasonsOf, ...] = ()


class Shipped(msgspec.Struct, frozen=True):
    """Numbers of what a posting became."""

    result: tuple[str, ...] = ()


class ItemError(msgspec.Struct, frozen=True):
    """Why one row was not taken."""

    code: str = ""
    message: str = ""


class Updated(msgspec.Struct, frozen=True):
    """What became of one row of stock or price."""

    offer_id: str = ""
    updated: bool = False
    errors: tuple[ItemError, ...] = ()


class Updates(msgspec.Struct, frozen=True):
    """What became of each row."""

    result: tuple[Updated, ...] = ()


class Good(msgspec.Struct, frozen=True):
    """An entry of the catalogue there."""

    offer_id: str = ""
    product_id: int = 0
    sku: int = 0
    archived: bool = False


class GoodsPage(msgspec.Struct, frozen=True):
    """A page of the catalogue."""

    items: tuple[Good, ...] = ()
    last_id: str = ""


class Goods(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: GoodsPage = GoodsPage()


class VisualStatus(msgspec.Struct, frozen=True):
    """Where a return is."""

    sys_name: str = ""


class Visual(msgspec.Struct, frozen=True):
    """Where a return is, and since when."""

    status: VisualStatus = VisualStatus()
    change_moment: datetime | None = None


class ReturnProduct(msgspec.Struct, frozen=True):
    """What a return is of; no pieces: Ozon does not say."""

    sku: int = 0
    offer_id: str = ""
    quantity: int = 0


class Return(msgspec.Struct, frozen=True):
    """Something on its way back."""

    id: int = 0
    posting_number: str = ""
    product: ReturnProduct = ReturnProduct()
    visual: Visual = Visual()


class Returns(msgspec.Struct, frozen=True):
    """A page of returns."""

    returns: tuple[Return, ...] = ()
    has_next: bool = False


class Exemplar(msgspec.Struct, frozen=True):
    """One piece, for its codes."""

    exemplar_id: int = 0


class ExemplarProduct(msgspec.Struct, frozen=True):
    """The pieces of one SKU."""

    product_id: int = 0
    exemplars: tuple[Exemplar, ...] = ()


class Exemplars(msgspec.Struct, frozen=True):
    """The pieces of a posting."""

    products: tuple[ExemplarProduct, ...] = ()


class ExemplarStatus(msgspec.Struct, frozen=True):
    """How Ozon's check of the codes went."""

    status: str = ""


class Carriage(msgspec.Struct, frozen=True):
    """A hand-over of a day's postings of one delivery method."""

    carriage_id: int = 0


class ActStatus(msgspec.Struct, frozen=True):
    """How far the papers of a carriage are."""

    status: str = ""
    added_to_act: tuple[str, ...] = ()


class ActStatusOf(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: ActStatus = ActStatus()
