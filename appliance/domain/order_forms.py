"""The form of an order while it is being filled in: what is typed, what is answered at once.

Money is kopecks, quantity thousandths, percent thousandths of a percent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from appliance.domain.client_money import Breach
from appliance.domain.customers import CustomerBrief
from appliance.domain.desk import Frame
from appliance.domain.order_sums import OrderSum, part_of
from appliance.domain.orders import LineView
from appliance.domain.personal import Personal

_HUNDRED = 100


class GoodsFound(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as the picker and the lines of a form show it.

    Attributes:
        number: of the variant.
        price: of the base price type, 0 where none was set.
        free_milli: over all warehouses; None where no stock is kept of it.
    """

    number: int
    name: str
    sku: str
    barcode: str
    unit: str
    weight_grams: int
    vat_rate: str
    price: int
    free_milli: int | None


class FormLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as typed.

    Attributes:
        key: tells lines of one form apart.
        offer: number of the variant; None for goods that nobody knows yet.
        name: of the goods; kept for known ones too, so that the form draws without asking.
    """

    key: str
    offer: int | None = None
    name: str = ""
    quantity_milli: int = 1000
    price: int = 0
    discount_percent_milli: int = 0


class FormChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen in a form, as (code, name).

    Attributes:
        deliveries: (code, name, cost in kopecks).
    """

    shops: Sequence[tuple[str, str]]
    deliveries: Sequence[tuple[str, str, int]]
    payments: Sequence[tuple[str, str]]
    methods: Sequence[tuple[str, str]]


class FormReckoned(msgspec.Struct, frozen=True, kw_only=True):
    """What the house answers to a form that is being filled in.

    Attributes:
        goods: number of a variant → what the form's lines show of it.
        vat: tax within the total.
        weight_grams: of all goods whose weight is known.
        breach: why this order should not be sold on credit to its buyer.
    """

    sums: OrderSum
    goods: Mapping[int, GoodsFound]
    vat: int
    weight_grams: int
    choices: FormChoices
    breach: Breach | None = None


class KeptForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form of an order as somebody left it, word for word.

    Attributes:
        words: field → text, empty ones left out; personal.
        lines: (key, number of the variant, name, quantity, price, discount), all as typed.
    """

    token: UUID
    words: dict[str, str]
    lines: tuple[tuple[str, str, str, str, str, str], ...] = ()

    def __repr__(self) -> str:
        """Without a word of what was typed: this may stand in a traceback."""
        return f"KeptForm({self.token})"


class FormStart(msgspec.Struct, frozen=True, kw_only=True):
    """What a new form begins with.

    Attributes:
        buyer: where the order is for somebody known.
        lines: of the order that is repeated.
        note: what the client wishes every time, in his own words.
        repeated: number of that order, 0 for none.
        caller: phone of the unknown caller whose order it is; None where he is known.
        last: number of the buyer's newest order, which can be repeated; 0 for none.
        draft: what the actor typed into such a form before and did not save; None for nothing.
        draft_at: when that was kept.
    """

    choices: FormChoices
    frame: Frame
    buyer: CustomerBrief | None = None
    lines: Sequence[LineView] = ()
    delivery_type: str = ""
    payment_type: str = ""
    note: Personal[str] = Personal("")
    repeated: int = 0
    caller: Personal[str] | None = None
    last: int = 0
    draft: KeptForm | None = None
    draft_at: datetime | None = None


def vat_within(total: int, rate: str) -> int:
    """The tax that a sum contains; a rate that is no number of percent («none») contains none.

    >>> vat_within(12_200, "22"), vat_within(100, "none")
    (2200, 0)
    """
    if not (rate.isascii() and rate.isdigit()):
        return 0
    return part_of(total, int(rate), _HUNDRED + int(rate))
